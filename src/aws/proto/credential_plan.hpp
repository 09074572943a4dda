// Which place gives the credentials, and which roles are assumed with them: decided from the
// environment and the profile files alone, in the order and by the rules of the AWS CLI.
//
// Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers", "Assume role
// credential provider", "Process credential provider"; AWS CLI User Guide, "Configuration and
// credential file settings". Where those leave it open, what botocore does.
#pragma once

#include "aws/proto/credentials_settings.hpp"
#include "aws/proto/profiles.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ingestor::aws {

/// Every place has been looked at but instance metadata, which may not be asked.
struct no_source {};

struct keys_source {
  credentials keys;
  /// From the environment, they stay what they are; a file may be written anew.
  bool fixed = false;
};

struct web_identity_source {
  std::string role_arn;
  std::string token_file;
  std::string session_name;
};

struct process_source {
  /// The program and its arguments; at least one.
  std::vector<std::string> words;
};

/// Where it is stands in the settings.
struct container_source {};
struct metadata_source {};

struct role_step {
  std::string role_arn;
  std::string session_name;
  std::string external_id;                       ///< empty: none
  std::optional<std::int64_t> duration_seconds;  ///< none: STS decides
};

struct credential_plan {
  std::variant<no_source, keys_source, web_identity_source, process_source, container_source,
               metadata_source>
      first;
  /// In the order in which they are assumed, each with the credentials of the one before.
  std::vector<role_step> roles;
  /// For people: where the first credentials come from, and by which role.
  std::string origin;
  /// What each place said that came before and had none: `environment: AWS_ACCESS_KEY_ID is not
  /// set`.
  std::vector<std::string> passed_over;
};

/// The error is a mistake in the settings or the files. It names file and profile and what to do;
/// never a value.
ingestor::result<credential_plan, std::string> plan_credentials(
    const credentials_settings& settings, const profile_file& credentials_file,
    const profile_file& config_file);

}  // namespace ingestor::aws
