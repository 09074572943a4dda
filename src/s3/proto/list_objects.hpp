// ListObjectsV2: the request, and a page of its answer.
//
// Source: Amazon S3 API Reference, "ListObjectsV2".
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "s3/proto/endpoint.hpp"
#include "s3/proto/error.hpp"
#include "s3/proto/request.hpp"

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

struct list_page {
  std::vector<object_summary> objects;
  std::string next_token;  ///< empty: the last page
};

/// `prefix` and `continuation_token` may be empty; `max_keys` is brought into 1 … 1000.
unsigned_request list_objects_request(const address& where, std::string_view prefix,
                                      std::string_view continuation_token, int max_keys);

/// Reads the body of a 200. `about` says what was asked; `sent_token` is the continuation token of
/// the request: a page that hands the same one back would never end and is an error, as is a
/// truncated page without a token, and an error document (which S3 may send with a 200).
ingestor::result<list_page, error> parse_list_page(std::string body, std::string_view sent_token,
                                                   error about);

}  // namespace ingestor::s3::proto
