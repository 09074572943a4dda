// ListObjectsV2: the request, and a page of its answer.
//
// Source: Amazon S3 API Reference, "ListObjectsV2".
#pragma once

#include "aws/proto/request.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "s3/proto/address.hpp"
#include "s3/proto/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::s3::proto {

inline constexpr std::string_view list_objects_operation = "ListObjectsV2";

/// S3's own limit, and its default.
inline constexpr int list_keys_max = 1000;

/// S3's own limit. A longer one would not fit the ledger's index either.
inline constexpr std::size_t key_bytes_max = 1024;

/// S3's own have at most 38 (an MD5 and the number of parts); others may like longer ones.
inline constexpr std::size_t etag_bytes_max = 256;

/// A token goes into the next request's target, where a byte may take three, and servers refuse
/// targets of 8 to 16 KiB. S3's have some 100 bytes; those that hold a whole key have 1,500.
inline constexpr std::size_t token_bytes_max = 4096;

/// Pages without a key, one after another. S3 answers with some of them where delete markers lie
/// between the keys; a server that looks at as few as 1,000 versions for each page gets past a
/// million of those.
inline constexpr int empty_pages_max = 1000;

struct object_summary {
  /// As bytes, decoded: what was given when the object was put.
  std::string key;
  /// Without its quotation marks.
  std::string etag;
  std::int64_t size = 0;  ///< bytes
  timestamp last_modified;
};

/// How far a listing has come. A page hands it on, and the request for the next page takes it.
struct list_position {
  /// S3's continuation token.
  std::string token;
  /// The last key listed so far; empty: none yet.
  std::string last_key;
  /// How many pages without a key there have been since.
  int empty_pages = 0;

  /// At the beginning, or behind the last page.
  bool empty() const { return token.empty(); }
};

struct list_page {
  std::vector<object_summary> objects;
  list_position next;  ///< empty(): the last page
};

struct list_query {
  /// Of the keys that are wanted; may be empty.
  std::string prefix{};
  list_position from{};
  /// Brought into 1 … 1000.
  int max_keys = list_keys_max;
};

aws::unsigned_request list_objects_request(const address& where, const list_query& query);

/// Reads the body of a 200. `about` says what was asked. An error document, which S3 may send with
/// a 200, is the error that it names.
///
/// Errors of kind `protocol`, which are not transient, where the listing might never end or is not
/// the one that was asked for:
/// - a page that hands the same token back, a truncated one without a token, or with one that is
///   longer than `token_bytes_max`; more than `empty_pages_max` pages without a key;
/// - keys that are not in strictly ascending order of their bytes, in a page and from one to the
///   next, as S3 promises for general purpose buckets. (It does not for directory buckets, which
///   are not supported: they want sessions of their own for each request.);
/// - more keys than were asked for; a key that does not begin with the prefix, since a server that
///   ignores it would have somebody else's objects loaded; a key or an ETag that S3 cannot have.
ingestor::result<list_page, error> parse_list_page(std::string body, const list_query& query,
                                                   error about);

}  // namespace ingestor::s3::proto
