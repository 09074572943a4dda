// Credentials in JSON: from instance metadata, a container's agent, or a credential_process.
//
// Source: Amazon EC2 User Guide, "Retrieve security credentials from instance metadata"; AWS SDKs
// and Tools Reference Guide, "Container credential provider", "Process credential provider".
#pragma once

#include "aws/proto/expiring_credentials.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::aws {

/// More than any place has reason to send.
inline constexpr std::size_t credentials_bytes_max = std::size_t{64} * 1024;

enum class json_dialect {
  /// `Token` and `Expiration`, both required; a failure has `Code` and `Message`.
  agent,
  /// `Version` 1; `SessionToken` and `Expiration` may be missing.
  process,
};

/// The error says what the answer lacks and quotes nothing of it but the words of a failure.
ingestor::result<expiring_credentials, std::string> parse_credentials_json(std::string_view text,
                                                                           json_dialect dialect);

}  // namespace ingestor::aws
