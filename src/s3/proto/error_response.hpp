// From S3's answer to the error that it means.
//
// Source: Amazon S3 API Reference, "Error Responses", with the list of error codes.
#pragma once

#include "s3/proto/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::s3::proto {

/// How much of an error's body is worth reading.
inline constexpr std::size_t error_body_bytes_max = std::size_t{64} * 1024;

/// What an answer says beside its body.
struct answer_head {
  int status = 0;
  std::string_view reason{};
  std::string_view request_id{};     ///< x-amz-request-id
  std::string_view bucket_region{};  ///< x-amz-bucket-region
  std::string_view retry_after{};    ///< Retry-After; only whole seconds are understood
  std::string_view date{};           ///< Date
};

/// Completes `about`, which says what was asked (operation, bucket, key, endpoint), from an answer
/// that is not a success. A body that is not S3's XML leaves the status to decide.
error read_error(error about, const answer_head& head, std::string body);

/// The same for `about.http_status`, `about.code` and `about.message` that are known already.
error_kind kind_of(int http_status, std::string_view code, bool has_key);

}  // namespace ingestor::s3::proto
