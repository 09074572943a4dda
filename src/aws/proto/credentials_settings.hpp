// All that the environment says about credentials.
#pragma once

#include "aws/proto/endpoint.hpp"
#include "aws/proto/sigv4.hpp"
#include "base/secret.hpp"

#include <optional>
#include <string>

namespace ingestor::aws {

/// Empty means "not set" throughout.
struct credentials_settings {
  /// AWS_ACCESS_KEY_ID and its companions; both keys, or neither.
  credentials keys;

  /// AWS_DEFAULT_PROFILE, or AWS_PROFILE. It must exist; the `default` that is meant otherwise need
  /// not.
  std::string profile;
  /// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or the places below the home directory.
  std::string credentials_file;
  std::string config_file;

  std::string role_arn;                 ///< AWS_ROLE_ARN
  std::string web_identity_token_file;  ///< AWS_WEB_IDENTITY_TOKEN_FILE
  std::string role_session_name;        ///< AWS_ROLE_SESSION_NAME
  /// For roles that have no session name otherwise; it is what CloudTrail shows.
  std::string default_session_name = "ingestor";

  std::string container_relative_uri;  ///< AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  std::string container_full_uri;      ///< AWS_CONTAINER_CREDENTIALS_FULL_URI
  secret container_token;              ///< AWS_CONTAINER_AUTHORIZATION_TOKEN
  std::string container_token_file;    ///< AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; before the token

  bool metadata_disabled = false;             ///< AWS_EC2_METADATA_DISABLED
  bool metadata_ipv6 = false;                 ///< AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE
  std::optional<endpoint> metadata_endpoint;  ///< AWS_EC2_METADATA_SERVICE_ENDPOINT

  /// AWS_ENDPOINT_URL_STS, or AWS_ENDPOINT_URL; none: AWS's own in `region`.
  std::optional<endpoint> sts_endpoint;
  std::string region;
  bool dual_stack = false;
  bool fips = false;
  /// A PEM file instead of the system's authorities.
  std::string ca_bundle;
};

}  // namespace ingestor::aws
