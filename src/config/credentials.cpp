#include "config/credentials.hpp"

#include "config/grammar.hpp"
#include "config/s3.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace ingestor::config {
namespace {

constexpr std::size_t path_bytes_max = 4096;
constexpr std::size_t key_id_bytes_max = 128;
constexpr std::size_t secret_key_bytes_max = 256;
/// AWS promises no limit and advises 4 KiB.
constexpr std::size_t session_token_bytes_max = 16U * 1024;
constexpr std::size_t profile_bytes_max = 256;
/// Source: AWS Security Token Service API Reference, "AssumeRole".
constexpr std::size_t role_arn_bytes_max = 2048;
constexpr std::size_t session_name_bytes_max = 64;
constexpr std::size_t uri_bytes_max = 2048;
constexpr std::size_t container_token_bytes_max = 16U * 1024;

/// Half a pair is a slip of whoever wrote it, not a wish to look elsewhere.
void require_other_half(reader& from, std::string_view there, std::string_view missing) {
  if (!from.get(there) || from.get(missing)) return;
  std::string message = "is required, because ";
  message.append(there).append(" is set; set both, or none to use another source of credentials");
  from.reject(missing, std::move(message));
}

void take_keys(reader& from, aws::credentials& into) {
  require_other_half(from, "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID");
  require_other_half(from, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
  from.take(into.access_key_id, "AWS_ACCESS_KEY_ID", plain_name{key_id_bytes_max});
  from.take(into.secret_access_key, "AWS_SECRET_ACCESS_KEY", plain_name{secret_key_bytes_max});
  from.take(into.session_token, "AWS_SESSION_TOKEN", plain_name{session_token_bytes_max});
}

std::string home_of(const reader& from, const host_facts& host) {
  return from.get("HOME").value_or(host.home);
}

/// A path that may begin with `~/`.
void take_path(reader& from, const std::string& home, std::string& into,
               std::string_view variable) {
  from.take(into, variable, printable{path_bytes_max});
  if (into.starts_with("~/") && !home.empty()) into.replace(0, 1, home);
}

void take_profile(reader& from, const host_facts& host, aws::credentials_settings& into) {
  const auto home = home_of(from, host);
  if (!home.empty()) {
    into.credentials_file = home + "/.aws/credentials";
    into.config_file = home + "/.aws/config";
  }
  const printable name{profile_bytes_max};
  from.take(into.profile, "AWS_PROFILE", name);
  // Before AWS_PROFILE, as in the AWS CLI.
  from.take(into.profile, "AWS_DEFAULT_PROFILE", name);
  take_path(from, home, into.credentials_file, "AWS_SHARED_CREDENTIALS_FILE");
  take_path(from, home, into.config_file, "AWS_CONFIG_FILE");
}

void take_endpoint(reader& from, std::optional<aws::endpoint>& into, std::string_view variable) {
  const auto text = from.get(variable);
  if (!text) return;
  if (auto parsed = aws::parse_endpoint(*text)) {
    into = std::move(*parsed);
  } else {
    from.reject(variable, "\"" + redact(*text, visibility::url) + "\": " + parsed.error());
  }
}

void take_container(reader& from, aws::credentials_settings& into) {
  const plain_name uri{uri_bytes_max};
  from.take(into.container_full_uri, "AWS_CONTAINER_CREDENTIALS_FULL_URI", uri);
  from.take(into.container_relative_uri, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", uri);
  // "Basic dXNlcjpwYXNz": there may be a space inside.
  from.take(into.container_token, "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            plain_name{container_token_bytes_max, blanks::inside});
  from.take(into.container_token_file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            printable{path_bytes_max});
}

void take_metadata(reader& from, aws::credentials_settings& into) {
  const auto disabled = from.get("AWS_EC2_METADATA_DISABLED");
  into.metadata_disabled = disabled && same_word(*disabled, "true");
  take_endpoint(from, into.metadata_endpoint, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  from.take(into.metadata_ipv6, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            choice<bool>{{{"IPv4", false}, {"IPv6", true}}});
}

void take_sts(reader& from, aws::credentials_settings& into) {
  constexpr std::string_view of_all = "AWS_ENDPOINT_URL";
  if (endpoint_urls_ignored(from)) return;
  if (from.get("AWS_ENDPOINT_URL_STS")) {
    take_endpoint(from, into.sts_endpoint, "AWS_ENDPOINT_URL_STS");
  } else if (effective_endpoint_variable(from) != of_all) {
    take_endpoint(from, into.sts_endpoint, of_all);
  } else if (auto parsed = aws::parse_endpoint(*from.get(of_all))) {
    // What is wrong with it has been told: it is S3's endpoint too.
    into.sts_endpoint = std::move(*parsed);
  }
}

}  // namespace

void take_credentials(reader& from, const host_facts& host, aws::credentials_settings& into) {
  take_keys(from, into.keys);
  take_profile(from, host, into);
  from.take(into.role_arn, "AWS_ROLE_ARN", plain_name{role_arn_bytes_max});
  from.take(into.web_identity_token_file, "AWS_WEB_IDENTITY_TOKEN_FILE", printable{path_bytes_max});
  from.take(into.role_session_name, "AWS_ROLE_SESSION_NAME", plain_name{session_name_bytes_max});
  take_container(from, into);
  take_metadata(from, into);
  take_sts(from, into);
}

}  // namespace ingestor::config
