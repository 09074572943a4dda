// AWS Signature Version 4 with the signature in the Authorization header.
//
// Source: AWS General Reference, "Create a signed AWS API request"; Amazon S3 API Reference,
// "Signature Calculations for the Authorization Header". The steps are separate functions because
// AWS publishes test vectors for each: canonical request, string to sign, signature.
#pragma once

#include "aws/proto/request.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::aws {

struct credentials {
  std::string access_key_id;
  secret secret_access_key;
  /// Empty for long-term keys.
  secret session_token;
};

/// Where and when a signature is valid. S3 refuses one that is more than 15 minutes off its clock.
struct signing_scope {
  std::string region;
  std::string service;
  std::chrono::sys_seconds time{};
};

/// S3 signs the path as it is; the other services remove dot segments and doubled slashes first.
enum class path_rule { verbatim, normalised };

/// SHA-256 of nothing: the payload hash of a request without a body.
inline constexpr std::string_view empty_payload_sha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// S3 only: the payload is not covered by the signature.
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

/// SHA-256 in lower-case hexadecimal.
std::string sha256_hex(std::string_view bytes);

/// 20150830T123600Z, as x-amz-date wants it.
std::string amz_date(std::chrono::sys_seconds time);

/// Lower-case names of all headers, sorted, each once, with `;` between them.
std::string signed_headers(const std::vector<name_value>& headers);

std::string canonical_request(const unsigned_request& request, std::string_view payload_sha256,
                              path_rule rule);

std::string string_to_sign(std::string_view canonical, const signing_scope& scope);

/// Lower-case hexadecimal.
std::string signature(std::string_view to_sign, const secret& secret_access_key,
                      const signing_scope& scope);

/// The value of the Authorization header for a request that already has its `x-amz-*` headers.
std::string authorization(const unsigned_request& request, std::string_view payload_sha256,
                          path_rule rule, const credentials& creds, const signing_scope& scope);

/// Adds x-amz-date, x-amz-content-sha256, x-amz-security-token (with a session token only) and
/// authorization, as S3 wants them.
void sign_for_s3(unsigned_request& request, std::string_view payload_sha256,
                 const credentials& creds, const signing_scope& scope);

}  // namespace ingestor::aws
