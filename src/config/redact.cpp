#include "config/redact.hpp"

#include <algorithm>
#include <array>

namespace ingestor::config {
namespace {

constexpr std::string_view hidden = "***";

// The parameters of a libpq URI that hold no secret. A list of what is harmless, so that one that
// libpq learns tomorrow, or whose name is percent-encoded, is hidden.
constexpr std::array<std::string_view, 13> harmless{
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslnegotiation",
    "passfile",
    "channel_binding",
    "require_auth",
    "connect_timeout",
    "application_name",
    "host",
    "port",
    "target_session_attrs",
};

std::string redact_parameter(std::string_view parameter) {
  const auto equals = parameter.find('=');
  if (equals == std::string_view::npos) return std::string{hidden};
  const auto name = parameter.substr(0, equals);
  if (std::find(harmless.begin(), harmless.end(), name) != harmless.end()) {
    return std::string{parameter};
  }
  return std::string{name}.append("=").append(hidden);
}

std::string redact_query(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    out.append(out.empty() ? "?" : "&").append(redact_parameter(query.substr(0, end)));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return out;
}

/// The user's name, where that is plainly what it is: a text with a slash, a question mark or a
/// second `@` in front of the last `@` is a URL whose password, or a parameter, was not encoded.
std::string redact_user(std::string_view before_at) {
  const auto user = before_at.substr(0, before_at.find(':'));
  if (user.find_first_of("/?#@") != std::string_view::npos) return std::string{hidden}.append("@");
  const bool has_password = user.size() < before_at.size();
  return std::string{user}.append(has_password ? ":***@" : "@");
}

/// A host list whose ports are not numbers is a user and a password whose `@` was forgotten.
bool looks_like_hosts(std::string_view text) {
  const auto path = text.substr(0, text.find_first_of("/?#"));
  for (auto at = path.rfind(':'); at != std::string_view::npos; at = path.rfind(':', at - 1)) {
    const auto port = path.substr(at + 1, path.find(',', at) - at - 1);
    const bool digits = port.find_first_not_of("0123456789") == std::string_view::npos;
    const bool inside_brackets = path.find(']', at) != std::string_view::npos;
    if (!digits && !inside_brackets) return false;
    if (at == 0) break;
  }
  return true;
}

/// The value goes into one line: control characters become \xNN and the end is cut off, though not
/// in the middle of a UTF-8 character, which has at most three continuation bytes.
std::string one_line(std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continuation = (byte & 0xc0U) == 0x80U;
    if (out.size() >= shown_bytes_max + (continuation ? 3U : 0U)) return out + "…";
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      out.append("\\x") += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

}  // namespace

std::string redact_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::string{hidden};
  std::string out{url.substr(0, scheme_end + 3)};
  auto rest = url.substr(scheme_end + 3);
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    out += redact_user(rest.substr(0, at));
    rest.remove_prefix(at + 1);
  }
  if (!looks_like_hosts(rest)) return out.append(hidden);
  const auto query = std::min(rest.find('?'), rest.size());
  out.append(rest.substr(0, query));
  return out + redact_query(rest.substr(std::min(query + 1, rest.size())));
}

std::string redact(std::string_view value, visibility seen) {
  switch (seen) {
    case visibility::shown:
      return one_line(value);
    case visibility::url:
      if (value.find('@') == std::string_view::npos) return one_line(value);
      return one_line(redact_url(value));
    case visibility::database_url:
      return one_line(redact_url(value));
    case visibility::last_four:
      if (value.size() >= 16) {
        return std::string{hidden} + one_line(value.substr(value.size() - 4));
      }
      return std::string{hidden};
    case visibility::hidden:
      return std::string{hidden};
  }
  return std::string{hidden};
}

}  // namespace ingestor::config
