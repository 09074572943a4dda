// Any bytes as the two profile files: what is planned can be done, and no word for people holds a
// secret, wherever in the files it may stand.
//
// The first byte chooses what the environment says beside them. The rest is the credentials file,
// and behind a line with nothing but `%`, the config file. Each `$` stands for a secret, where the
// line is one that holds one.
#include "aws/proto/credential_plan.hpp"
#include "base/bytes.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace ingestor;
using namespace ingestor::aws;

const std::string marker = "Geheim";
constexpr std::string_view between = "\n%\n";

bool holds_marker(std::string_view text) {
  return text.find(marker) != std::string_view::npos;
}

/// Behind the names of secrets, whatever the line is to the parser, stands the marker.
std::string with_secrets(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = text.substr(0, end);
    const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
    const bool secret_line = line.substr(begin).starts_with("aws_secret_access_key") ||
                             line.substr(begin).starts_with("aws_session_token");
    for (const char c : line) out += secret_line && c == '$' ? marker : std::string{c};
    out += text.substr(end, 1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

credentials_settings settings_of(std::uint8_t choice) {
  credentials_settings out;
  if ((choice & 1U) != 0) out.profile = "x";
  if ((choice & 2U) != 0) out.web_identity_token_file = "/token";
  if ((choice & 4U) != 0) out.role_arn = "arn";
  if ((choice & 8U) != 0) out.container_relative_uri = "/c";
  if ((choice & 16U) != 0) out.metadata_disabled = true;
  if ((choice & 32U) != 0) out.keys = {"AKIA", secret{marker}, {}};
  return out;
}

void check(const credential_plan& plan, const credentials_settings& settings) {
  require(!holds_marker(plan.origin));
  for (const auto& place : plan.passed_over) require(!place.empty() && !holds_marker(place));
  require(plan.roles.size() <= 16);
  for (const auto& role : plan.roles) {
    require(!role.role_arn.empty() && !role.session_name.empty());
    require(role.role_arn.find_first_of(" \n") == std::string::npos);
  }
  if (const auto* const keys = std::get_if<keys_source>(&plan.first)) {
    require(!keys->keys.access_key_id.empty() && !keys->keys.secret_access_key.empty());
    require(keys->keys.access_key_id.find_first_of("\r\n ") == std::string::npos);
    require(keys->keys.session_token.reveal().find_first_of("\r\n ") == std::string::npos);
    require(!keys->fixed || keys->keys.access_key_id == settings.keys.access_key_id);
  } else if (const auto* const program = std::get_if<process_source>(&plan.first)) {
    require(!program->words.empty() && !program->words.front().empty());
  } else if (const auto* const token = std::get_if<web_identity_source>(&plan.first)) {
    require(!token->role_arn.empty() && !token->token_file.empty());
  } else if (std::holds_alternative<no_source>(plan.first)) {
    require(settings.metadata_disabled && plan.roles.empty() && plan.passed_over.size() >= 4);
  }
  require(plan.origin.empty() == std::holds_alternative<no_source>(plan.first));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span{data, size});
  const std::string text{as_text(bytes.subspan(1))};
  // Elsewhere it may be quoted.
  if (holds_marker(text)) return 0;
  const auto cut = std::min(text.find(between), text.size());
  const auto second = std::min(cut + between.size(), text.size());
  const profile_file credentials{"C", with_secrets(std::string_view{text}.substr(0, cut)), {}};
  const profile_file config{"F", with_secrets(std::string_view{text}.substr(second)), {}};
  const auto settings = settings_of(data[0]);
  const auto plan = plan_credentials(settings, credentials, config);
  if (plan) {
    check(*plan, settings);
  } else {
    require(!plan.error().empty() && !holds_marker(plan.error()));
  }
  return 0;
}
