// ListObjectsV2: the request, and a page of its answer.
//
// Source: Amazon S3 API Reference, "ListObjectsV2".
#pragma once

#include "aws/proto/request.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "s3/proto/address.hpp"
#include "s3/proto/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::s3::proto {

inline constexpr std::string_view list_objects_operation = "ListObjectsV2";

/// S3's own limit, and its default.
inline constexpr int list_keys_max = 1000;

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

  /// At the beginning, or behind the last page.
  bool empty() const { return token.empty(); }
};

struct list_page {
  std::vector<object_summary> objects;
  list_position next;  ///< empty(): the last page
};

/// `prefix` may be empty; `max_keys` is brought into 1 … 1000.
aws::unsigned_request list_objects_request(const address& where, std::string_view prefix,
                                           const list_position& from, int max_keys);

/// Reads the body of a 200. `about` says what was asked, `from` is the position in the request.
/// Errors of kind `protocol`, which are not transient: a page that hands the same token back or
/// whose first key is not above (by its bytes) the last one of the pages before, since such a
/// listing might never end; a truncated page without a token. An error document, which S3 may send
/// with a 200, is the error that it names.
ingestor::result<list_page, error> parse_list_page(std::string body, const list_position& from,
                                                   error about);

}  // namespace ingestor::s3::proto
