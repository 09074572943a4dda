// GetObject: the request, and what the head of its answer must say.
//
// Source: Amazon S3 API Reference, "GetObject"; RFC 9110, sections 13.1.1 (If-Match) and 14
// (Range).
#pragma once

#include "aws/proto/request.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "s3/proto/address.hpp"
#include "s3/proto/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::s3::proto {

inline constexpr std::string_view get_object_operation = "GetObject";

struct get_object_query {
  std::string key;
  /// An ETag with or without its quotation marks; empty: whatever is there now.
  std::string if_match;
  /// The first byte wanted; beyond 0 the answer must be a 206 from exactly there.
  std::int64_t first_byte = 0;
  /// The last one; with it too the answer must be a 206, and end there. None: to the object's end.
  std::optional<std::int64_t> last_byte{};

  bool ranged() const { return first_byte > 0 || last_byte; }
};

aws::unsigned_request get_object_request(const address& where, const get_object_query& query);

/// The head of a 200 or 206, as far as it concerns the object.
struct object_head {
  int status = 0;
  std::optional<std::int64_t> content_length{};  ///< of this body; none when it is chunked
  std::string_view content_range{};
  std::string_view etag{};
  std::string_view last_modified{};
};

struct object_facts {
  std::string etag;                  ///< without its quotation marks
  std::int64_t content_length = -1;  ///< of this body; -1 when the server does not say
  std::int64_t object_length = -1;   ///< of the object; -1 when the server does not say
  timestamp last_modified{};         ///< 1970 when the server does not say
};

/// Checks that the answer is the one that was asked for: another ETag than If-Match wanted is
/// precondition_failed (some servers ignore If-Match), another range a protocol error.
ingestor::result<object_facts, error> check_object_head(const get_object_query& query,
                                                        const object_head& head, error about);

}  // namespace ingestor::s3::proto
