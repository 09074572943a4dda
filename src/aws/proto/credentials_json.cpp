#include "aws/proto/credentials_json.hpp"

#include "aws/proto/expiration.hpp"

#include <tao/json/events/from_string.hpp>
#include <tao/json/events/limit_nesting_depth.hpp>
#include <tao/json/events/to_value.hpp>
#include <tao/json/value.hpp>

#include <algorithm>
#include <exception>
#include <optional>

namespace ingestor::aws {
namespace {

constexpr std::size_t depth_max = 16;
constexpr std::size_t quoted_bytes_max = 200;

std::optional<tao::json::value> parse_object(std::string_view text) {
  if (text.size() > credentials_bytes_max) return std::nullopt;
  try {
    tao::json::events::limit_nesting_depth<tao::json::events::to_value, depth_max> consumer;
    tao::json::events::from_string(consumer, text);
    if (!consumer.value.is_object()) return std::nullopt;
    return std::move(consumer.value);
  } catch (const std::exception&) {
    return std::nullopt;  // not JSON, or nested too deep
  }
}

/// Empty where the member is missing, or is no string.
std::string string_of(const tao::json::value& object, const std::string& name) {
  const auto* const found = object.find(name);
  return found != nullptr && found->is_string_type() ? std::string{found->as<std::string>()}
                                                     : std::string{};
}

/// For one line of a message.
std::string printable(const std::string& given) {
  auto text = without_secrets(given);
  text.resize(std::min(text.size(), quoted_bytes_max));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c == '\x7f'; }, '?');
  return text;
}

bool is_visible(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_version_one(const tao::json::value& object) {
  const auto* const found = object.find("Version");
  return found != nullptr && found->is_number() && *found == 1;
}

/// What a failure says in place of keys; empty where it says nothing.
std::string words_of_failure(const tao::json::value& object) {
  const auto code = string_of(object, "Code");
  if (code.empty() || code == "Success") return {};
  return "it says " + printable(code + ": " + string_of(object, "Message"));
}

}  // namespace

ingestor::result<expiring_credentials, std::string> parse_credentials_json(std::string_view text,
                                                                           json_dialect dialect) {
  const auto object = parse_object(text);
  if (!object) return std::string{"it is not a JSON object"};
  const bool agent = dialect == json_dialect::agent;
  if (!agent && !is_version_one(*object)) return std::string{"its Version is not 1"};
  if (auto words = words_of_failure(*object); agent && !words.empty()) return words;

  const std::string token_name = agent ? "Token" : "SessionToken";
  expiring_credentials out{};
  out.keys.access_key_id = string_of(*object, "AccessKeyId");
  out.keys.secret_access_key = secret{string_of(*object, "SecretAccessKey")};
  out.keys.session_token = secret{string_of(*object, token_name)};
  const auto expiration = string_of(*object, "Expiration");
  out.expires = parse_expiration(expiration);
  if (out.keys.access_key_id.empty()) return std::string{"it has no AccessKeyId"};
  if (out.keys.secret_access_key.empty()) return std::string{"it has no SecretAccessKey"};
  if (agent && out.keys.session_token.empty()) return std::string{"it has no Token"};
  if (!is_visible(out.keys.access_key_id) || !is_visible(out.keys.secret_access_key.reveal()) ||
      !is_visible(out.keys.session_token.reveal())) {
    return std::string{"its keys have characters that no key has"};
  }
  if (!out.expires && (agent || !expiration.empty())) {
    return std::string{"its Expiration is not a time such as 2024-05-29T00:21:43Z"};
  }
  return out;
}

}  // namespace ingestor::aws
