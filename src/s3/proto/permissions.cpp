#include "s3/proto/permissions.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <utility>

namespace ingestor::s3::proto {
namespace {

constexpr std::string_view list_action = "s3:ListBucket";
constexpr std::string_view get_action = "s3:GetObject";
constexpr std::string_view decrypt_action = "kms:Decrypt";

/// What stands between two texts; empty where either is missing.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const auto begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  const auto end = text.find(after);
  return end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
}

/// `an identity-based policy` → `identity-based policy`, up to the end of the words.
std::string_view policy_kind(std::string_view text) {
  for (const std::string_view article : {"a ", "an "}) {
    if (text.starts_with(article)) text.remove_prefix(article.size());
  }
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '-';
  });
  text = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  constexpr std::size_t kind_bytes_max = 40;
  return text.size() <= kind_bytes_max ? text : std::string_view{};
}

struct blame {
  /// Such as `bucket policy`; empty: S3 does not say.
  std::string_view policy;
  bool denies = false;  ///< by a statement; otherwise it only does not allow
};

blame blamed(std::string_view message) {
  constexpr std::string_view denial = "with an explicit deny in ";
  if (const auto at = message.find(denial); at != std::string_view::npos) {
    return {policy_kind(message.substr(at + denial.size())), true};
  }
  return {policy_kind(between(message, "because no ", " allows the ")), false};
}

bool is_action(std::string_view text) {
  const auto colon = text.find(':');
  return colon != std::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == ':' || c == '-';
         });
}

/// The key's name as a policy takes it; messages of S3 may also have its alias, or none.
bool is_key_arn(std::string_view text) {
  constexpr std::size_t arn_bytes_max = 256;
  return text.starts_with("arn:") && !text.ends_with('/') && text.size() <= arn_bytes_max &&
         text.find(":kms:") != std::string_view::npos &&
         text.find(":key/") != std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == ':' || c == '/' ||
                  c == '-';
         });
}

bool is_about_kms(std::string_view message) {
  const auto lower = ascii_lower(message);
  return lower.find("kms:") != std::string::npos ||
         lower.find("customer master key") != std::string::npos ||
         lower.find("kms key") != std::string::npos;
}

std::string action_of(const error& refusal) {
  const auto named = between(refusal.message, "is not authorized to perform: ", " ");
  if (is_action(named)) return std::string{named};
  if (is_about_kms(refusal.message)) return std::string{decrypt_action};
  return std::string{refusal.operation == "GetObject" ? get_action : list_action};
}

/// The key that the message names, or all keys of the region: whose they are it does not say.
std::string key_resource(const error& refusal, std::string_view region) {
  const std::string_view message = refusal.message;
  if (const auto at = message.find("arn:" + std::string{refusal.partition} + ":kms:");
      at != std::string_view::npos) {
    const auto arn = message.substr(at, message.find_first_of(" \"',;", at) - at);
    if (is_key_arn(arn)) return std::string{arn};
  }
  return std::string{"arn:"}
      .append(refusal.partition)
      .append(":kms:")
      .append(region)
      .append(":*:key/*");
}

/// In a policy `*`, `?` and `$` stand for others, unless they are written as variables.
std::string literally(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '$') {
      out.append("${") += c;
      out += '}';
    } else {
      out += c;
    }
  }
  return out;
}

std::string json(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out.append("\\u00") += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out += '"';
}

std::string policy_of(std::string_view action, std::string_view resource,
                      std::string_view condition) {
  std::string out =
      "{\n"
      "  \"Version\": \"2012-10-17\",\n"
      "  \"Statement\": [\n"
      "    {\n"
      "      \"Effect\": \"Allow\",\n"
      "      \"Action\": ";
  out.append(json(action)).append(",\n      \"Resource\": ").append(json(resource));
  if (!condition.empty()) out.append(",\n      \"Condition\": ").append(condition);
  return out.append("\n    }\n  ]\n}");
}

/// Both the listing and the look at one object ask with a prefix that begins with this one.
std::string prefix_condition(std::string_view prefix) {
  if (prefix.empty()) return {};
  return R"({"StringLike": {"s3:prefix": )" + json(literally(prefix) + '*') + "}}";
}

std::string remedy_of(std::string_view action, std::string_view resource, const blame& on) {
  if (on.denies) {
    return std::string{action}
               .append(" is denied by a statement of the ")
               .append(on.policy.empty() ? "policies" : on.policy) +
           ", which no grant overrules: change that one";
  }
  auto out = std::string{"grant "}.append(action).append(" on ").append(resource);
  if (on.policy.empty() || on.policy == "identity-based policy") return out;
  return out.append(" in the ").append(on.policy);
}

}  // namespace

std::optional<missing_permission> permission_missing(const error& refusal, std::string_view prefix,
                                                     std::string_view region) {
  const bool by_code = refusal.code == "AccessDenied";
  const bool by_status = refusal.code.empty() && refusal.http_status == 403;
  if (!by_code && !by_status) return std::nullopt;

  missing_permission out;
  out.action = action_of(refusal);
  const auto bucket = "arn:" + std::string{refusal.partition} + ":s3:::" + refusal.bucket;
  const bool of_bucket = out.action == list_action;
  const bool of_key = out.action.starts_with("kms:");
  const auto resource = of_key      ? key_resource(refusal, region)
                        : of_bucket ? bucket
                                    : bucket + '/' + literally(prefix) + '*';
  const auto on = blamed(refusal.message);
  out.remedy = remedy_of(out.action, resource, on);
  if (refusal.wants_payer() && !of_key && !on.denies) out.remedy.append("; ").append(payer_remedy);
  if (of_key && !on.denies)
    out.remedy += ", and see that the key's policy lets the identity use it";
  if (!on.denies) {
    out.policy = policy_of(out.action, resource, of_bucket ? prefix_condition(prefix) : "");
  }
  return out;
}

}  // namespace ingestor::s3::proto
