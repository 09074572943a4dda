#include "config/s3.hpp"

#include "config/grammar.hpp"
#include "config/proxy.hpp"

#include <algorithm>

namespace ingestor::config {
namespace {

/// S3's limit on a key, in bytes. Source: Amazon S3 User Guide, "Naming Amazon S3 objects".
constexpr std::size_t key_bytes_max = 1024;
constexpr std::size_t path_bytes_max = 4096;

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

constexpr std::string_view ignore_endpoint_urls = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

/// As the SDKs write it.
const choice<bool>& true_or_false() {
  static const choice<bool> words{{{"true", true}, {"false", false}}};
  return words;
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

void take_switches(reader& from, s3_settings& into) {
  bool ignored = false;  // read where the endpoint is chosen; here its mistakes are found
  from.take(ignored, ignore_endpoint_urls, true_or_false());
  from.take(into.dual_stack, "AWS_USE_DUALSTACK_ENDPOINT", true_or_false());
  from.take(into.fips, "AWS_USE_FIPS_ENDPOINT", true_or_false());
  const auto endpoint = effective_endpoint_variable(from);
  if (!endpoint) return;
  const auto refuse = [&](std::string_view variable) {
    from.reject(variable, "is about AWS's own endpoints and does not go with " +
                              std::string{*endpoint} +
                              ", which is used as it is; unset one of them");
  };
  if (into.dual_stack) refuse("AWS_USE_DUALSTACK_ENDPOINT");
  if (into.fips) refuse("AWS_USE_FIPS_ENDPOINT");
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
  take_switches(from, into);
  from.take(into.ca_bundle, "AWS_CA_BUNDLE", printable{path_bytes_max});
  take_proxies(from, into.proxies);
}

bool endpoint_urls_ignored(const reader& from) {
  const auto words = from.get(ignore_endpoint_urls);
  return words && true_or_false().parse(*words).value_or(false);
}

std::optional<std::string_view> effective_endpoint_variable(const reader& from) {
  const bool ignored = endpoint_urls_ignored(from);
  for (const auto variable : endpoint_variables()) {
    // AWS_ENDPOINT is no variable of the SDKs: whoever sets it means this program.
    if (ignored && variable.starts_with("AWS_ENDPOINT_URL")) continue;
    if (from.get(variable)) return variable;
  }
  return std::nullopt;
}

}  // namespace ingestor::config
