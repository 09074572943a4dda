// The Security Token Service: its endpoints, requests and answers.
//
// Source: AWS Security Token Service API Reference, "AssumeRole", "AssumeRoleWithWebIdentity",
// "GetCallerIdentity", "Common Errors"; AWS General Reference, "AWS STS endpoints and quotas".
#pragma once

#include "aws/proto/credential_plan.hpp"
#include "aws/proto/endpoint.hpp"
#include "aws/proto/expiring_credentials.hpp"
#include "aws/proto/request.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::aws {

/// The settings' own, or AWS's in their region.
endpoint sts_endpoint(const credentials_settings& settings);

/// Bodies of a POST, form-encoded.
std::string assume_role_body(const role_step& role);
std::string web_identity_body(const web_identity_source& source, const secret& token);
std::string caller_identity_body();

/// The headers of a POST; with `body` and `creds` it is signed.
std::vector<name_value> sts_headers(const endpoint& where);
std::vector<name_value> sts_headers(const endpoint& where, std::string_view body,
                                    const credentials& creds, std::string_view region,
                                    std::chrono::sys_seconds now);

/// Of an answer with 200 to one of the two that assume a role.
ingestor::result<expiring_credentials, std::string> parse_assumed_role(std::string xml);

struct caller_identity {
  std::string account;
  std::string arn;
};

/// Nothing when the answer is not STS's.
std::optional<caller_identity> parse_caller_identity(std::string xml);

struct sts_refusal {
  std::string code;     ///< AccessDenied; empty when the answer is not STS's
  std::string message;  ///< STS's words, on one line and cut
  /// Whether the same request may succeed later.
  bool transient = false;
  /// It was signed at a time that STS does not accept.
  bool wrong_time = false;
};

sts_refusal parse_sts_refusal(unsigned status, std::string xml);

}  // namespace ingestor::aws
