#include "config/s3.hpp"

#include "config/grammar.hpp"
#include "config/proxy.hpp"

#include <algorithm>

namespace ingestor::config {
namespace {

/// S3's limit on a key, in bytes. Source: Amazon S3 User Guide, "Naming Amazon S3 objects".
constexpr std::size_t key_bytes_max = 1024;
constexpr std::size_t path_bytes_max = 4096;
constexpr std::size_t key_id_bytes_max = 128;
constexpr std::size_t secret_key_bytes_max = 256;
/// AWS promises no limit and advises 4 KiB.
constexpr std::size_t session_token_bytes_max = 16U * 1024;

/// Source: Amazon S3 User Guide, "General purpose bucket naming rules". Upper case, underscores and
/// up to 255 characters were legal once, and buckets from then exist.
struct bucket_name {
  using value = std::string;

  static std::optional<value> parse(std::string_view text) {
    const bool fits = text.size() >= 3 && text.size() <= 255;
    const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
      return is_ascii_alnum(c) || c == '.' || c == '-' || c == '_';
    });
    if (!fits || !clean) return std::nullopt;
    return value{text};
  }
  static std::string accepted() {
    return "a bucket's name alone, of 3 to 63 lower-case letters, digits, dots and hyphens";
  }
};

struct region_name {
  using value = std::string;

  static std::optional<value> parse(std::string_view text) {
    const bool clean =
        std::all_of(text.begin(), text.end(), [](char c) { return is_ascii_alnum(c) || c == '-'; });
    if (text.size() > 63 || !clean) return std::nullopt;
    return value{text};
  }
  static std::string accepted() { return "a region's name such as eu-west-1"; }
};

/// The first that is set of the sources that AWS's own tools know and this version does not.
std::optional<std::string_view> unsupported_source(const reader& from) {
  for (const auto& known : variables()) {
    const bool credentials = known.name.starts_with("AWS_") && known.name != "AWS_ENDPOINT_URL_STS";
    const bool other = known.state == support::not_supported && credentials;
    if (other && from.get(known.name)) return known.name;
  }
  return std::nullopt;
}

void reject_missing_keys(reader& from, std::string_view missing) {
  std::string message =
      "is required: this version signs requests with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
      "(and AWS_SESSION_TOKEN for temporary keys), and with no other source of credentials";
  if (const auto other = unsupported_source(from)) {
    message.append("; ").append(*other).append(" is set, but not supported");
  }
  from.reject(missing, std::move(message));
}

void take_credentials(reader& from, s3_settings& into) {
  for (const std::string_view variable : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}) {
    if (!from.get(variable)) reject_missing_keys(from, variable);
  }
  from.take(into.access_key_id, "AWS_ACCESS_KEY_ID", plain_name{key_id_bytes_max});
  from.take(into.secret_access_key, "AWS_SECRET_ACCESS_KEY", plain_name{secret_key_bytes_max});
  from.take(into.session_token, "AWS_SESSION_TOKEN", plain_name{session_token_bytes_max});
}

void take_endpoint(reader& from, s3_settings& into) {
  const auto variable = effective_endpoint_variable(from);
  if (!variable) return;
  const auto text = *from.get(*variable);
  if (auto parsed = aws::parse_endpoint(text)) {
    into.endpoint = std::move(*parsed);
  } else {
    from.reject(*variable, "\"" + redact(text, visibility::url) + "\": " + parsed.error());
  }
}

}  // namespace

void take_s3(reader& from, s3_settings& into, s3_need what) {
  if (what == s3_need::nothing) return;
  from.require(into.bucket, "AWS_S3_BUCKET", "the bucket that holds the logs, such as my-logs",
               bucket_name{});
  if (what == s3_need::everything) {
    from.require(into.region, "AWS_REGION", "the bucket's region, such as eu-west-1",
                 region_name{});
  }
  from.take(into.prefix, "AWS_S3_KEY", printable{key_bytes_max});
  if (what == s3_need::scope) return;
  take_endpoint(from, into);
  take_credentials(from, into);
  from.take(into.ca_bundle, "AWS_CA_BUNDLE", printable{path_bytes_max});
  take_proxies(from, into.proxies);
}

std::optional<std::string_view> effective_endpoint_variable(const reader& from) {
  for (const auto variable : endpoint_variables()) {
    if (from.get(variable)) return variable;
  }
  return std::nullopt;
}

}  // namespace ingestor::config
