#include "aws/proto/sts.hpp"

#include "aws/proto/expiration.hpp"
#include "aws/proto/partition.hpp"
#include "aws/proto/percent_encoding.hpp"
#include "aws/proto/region.hpp"
#include "aws/proto/sigv4.hpp"
#include "aws/proto/xml.hpp"
#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ingestor::aws {
namespace {

constexpr std::string_view api_version = "2011-06-15";
constexpr std::size_t words_bytes_max = 500;
constexpr xml_limits answer_limits{
    .bytes_max = std::size_t{64} * 1024, .depth_max = 16, .nodes_max = 256};

constexpr auto transient_codes = std::to_array<std::string_view>(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException",
     "PriorRequestNotComplete", "InternalFailure", "ServiceUnavailable", "RequestTimeout",
     // The provider of the web identity could not be asked.
     "IDPCommunicationError"});
constexpr auto time_codes = std::to_array<std::string_view>(
    {"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"});

class form {
 public:
  explicit form(std::string_view action) {
    add("Action", action);
    add("Version", api_version);
  }

  void add(std::string_view name, std::string_view value) {
    if (!out_.empty()) out_.push_back('&');
    out_.append(name).append("=").append(encode_component(value));
  }

  std::string text() && { return std::move(out_); }

 private:
  std::string out_;
};

std::string one_line(std::string_view given) {
  auto text = without_secrets(given);
  text.resize(std::min(text.size(), words_bytes_max));
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return text;
}

bool is_visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// The child of that name, whatever the operation is called.
pugi::xml_node result_of(const xml_document& document) {
  for (const auto& child : document.root().children()) {
    if (std::string_view{child.name()}.ends_with("Result")) return child;
  }
  return {};
}

}  // namespace

endpoint sts_endpoint(const credentials_settings& settings) {
  if (settings.sts_endpoint) return *settings.sts_endpoint;
  const auto chosen = read_region(settings.region);
  const auto region = ascii_lower(chosen.name);
  const auto& in = partition_of(region);
  // GovCloud's ordinary endpoints are validated.
  const bool fips = (settings.fips || chosen.fips) && in.id != "aws-us-gov";
  const bool dual_stack = settings.dual_stack && !in.dual_stack_dns_suffix.empty();
  std::string host = fips ? "sts-fips." : "sts.";
  host.append(region).append(".");
  host.append(dual_stack ? in.dual_stack_dns_suffix : in.dns_suffix);
  return endpoint{.host = std::move(host)};
}

std::string assume_role_body(const role_step& role) {
  form out{"AssumeRole"};
  out.add("RoleArn", role.role_arn);
  out.add("RoleSessionName", role.session_name);
  if (!role.external_id.empty()) out.add("ExternalId", role.external_id);
  if (role.duration_seconds) out.add("DurationSeconds", std::to_string(*role.duration_seconds));
  return std::move(out).text();
}

std::string web_identity_body(const web_identity_source& source, const secret& token) {
  form out{"AssumeRoleWithWebIdentity"};
  out.add("RoleArn", source.role_arn);
  out.add("RoleSessionName", source.session_name);
  out.add("WebIdentityToken", token.reveal());
  return std::move(out).text();
}

std::string caller_identity_body() {
  return form{"GetCallerIdentity"}.text();
}

std::vector<name_value> sts_headers(const endpoint& where) {
  return {{"host", authority(where)},
          {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
}

std::vector<name_value> sts_headers(const endpoint& where, std::string_view body,
                                    const credentials& creds, std::string_view region,
                                    std::chrono::sys_seconds now) {
  unsigned_request request;
  request.method = "POST";
  request.path = "/";
  request.headers = sts_headers(where);
  request.headers.emplace_back("x-amz-date", amz_date(now));
  if (!creds.session_token.empty()) {
    request.headers.emplace_back("x-amz-security-token", creds.session_token.reveal());
  }
  const signing_scope scope{ascii_lower(read_region(region).name), "sts", now};
  auto value = authorization(request, sha256_hex(body), path_rule::normalised, creds, scope);
  request.headers.emplace_back("authorization", std::move(value));
  return std::move(request.headers);
}

ingestor::result<expiring_credentials, std::string> parse_assumed_role(std::string xml) {
  const auto document = xml_document::parse(std::move(xml), answer_limits);
  if (!document) return "it is not XML as STS sends it: " + document.error();
  const auto given = result_of(*document).child("Credentials");
  expiring_credentials out{};
  out.keys.access_key_id = given.child_value("AccessKeyId");
  out.keys.secret_access_key = secret{given.child_value("SecretAccessKey")};
  out.keys.session_token = secret{given.child_value("SessionToken")};
  out.expires = parse_expiration(given.child_value("Expiration"));
  if (!is_visible(out.keys.access_key_id) || !is_visible(out.keys.secret_access_key.reveal()) ||
      !is_visible(out.keys.session_token.reveal()) || !out.expires) {
    return std::string{"it lacks AccessKeyId, SecretAccessKey, SessionToken or Expiration"};
  }
  return out;
}

std::optional<caller_identity> parse_caller_identity(std::string xml) {
  const auto document = xml_document::parse(std::move(xml), answer_limits);
  if (!document) return std::nullopt;
  const auto given = result_of(*document);
  caller_identity out{one_line(given.child_value("Account")), one_line(given.child_value("Arn"))};
  if (out.arn.empty()) return std::nullopt;
  return out;
}

sts_refusal parse_sts_refusal(unsigned status, std::string xml) {
  sts_refusal out;
  if (const auto document = xml_document::parse(std::move(xml), answer_limits)) {
    const auto error = document->root().child("Error");
    out.code = one_line(error.child_value("Code"));
    out.message = one_line(error.child_value("Message"));
  }
  out.wrong_time = std::ranges::find(time_codes, out.code) != time_codes.end() ||
                   out.message.starts_with("Signature expired") ||
                   out.message.starts_with("Signature not yet current");
  out.transient = status >= 500 || status == 429 ||
                  std::ranges::find(transient_codes, out.code) != transient_codes.end();
  return out;
}

}  // namespace ingestor::aws
