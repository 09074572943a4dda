#include "config/proxy.hpp"

#include "base/ascii.hpp"
#include "config/grammar.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace ingestor::config {
namespace {

constexpr std::size_t no_proxy_bytes_max = 16U * 1024;
constexpr std::size_t user_info_bytes_max = 1024;
constexpr std::string_view wanted_shape =
    "; it should look like http://proxy.example:3128 or http://user:password@proxy.example:3128";

struct spelling {
  std::string_view capitals;
  std::string_view small;
};
constexpr std::array<spelling, 3> spellings{
    {{"HTTPS_PROXY", "https_proxy"}, {"HTTP_PROXY", "http_proxy"}, {"NO_PROXY", "no_proxy"}}};

int digit(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto at = digits.find(ascii_lower(c));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// nullopt: a percent sign without two hexadecimal digits, or something that could end a header.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    char c = text.front();
    text.remove_prefix(1);
    if (c == '%') {
      if (text.size() < 2 || digit(text[0]) < 0 || digit(text[1]) < 0) return std::nullopt;
      c = static_cast<char>(digit(text[0]) * 16 + digit(text[1]));
      text.remove_prefix(2);
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  return out;
}

/// `user:password`; a user alone has an empty password.
std::optional<secret> user_info_of(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto user = decoded(text.substr(0, colon));
  const auto password = decoded(text.substr(std::min(colon + 1, text.size())));
  // RFC 7617, section 2: the first colon ends the user's name.
  const bool bad = !user || !password || user->find(':') != std::string::npos;
  if (bad || text.size() > user_info_bytes_max) return std::nullopt;
  return secret{*user + ':' + *password};
}

ingestor::result<proxy, std::string> parse_proxy(std::string_view url) {
  const auto scheme_end = url.find("://");
  // `proxy:3128` is a proxy that speaks HTTP, for curl and the SDKs too.
  std::string scheme = "http://";
  if (scheme_end != std::string_view::npos) {
    scheme = ascii_lower(url.substr(0, scheme_end + 3));
    url.remove_prefix(scheme_end + 3);
  }
  if (scheme != "http://" && scheme != "https://") {
    return std::string{"a proxy is reached by http:// or https://"}.append(wanted_shape);
  }
  proxy out;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    auto user_info = user_info_of(url.substr(0, at));
    if (!user_info) {
      return std::string{
          "the user or the password is malformed: their special characters must be "
          "percent-encoded"}
          .append(wanted_shape);
    }
    out.user_info = std::move(*user_info);
    url.remove_prefix(at + 1);
  }
  // What a path would mean to a proxy nobody knows; curl and the SDKs pass over it.
  auto where = aws::parse_endpoint(scheme.append(url.substr(0, url.find_first_of("/?#"))));
  if (!where) {
    const std::string why = where.error();
    return why.substr(0, why.find(';')).append(wanted_shape);
  }
  out.where = std::move(*where);
  return out;
}

void take_proxy(reader& from, std::optional<proxy>& into, std::string_view name) {
  const auto variable = effective_proxy_variable(from, name);
  if (!variable) return;
  const auto text = *from.get(*variable);
  if (auto parsed = parse_proxy(text)) {
    into = std::move(*parsed);
  } else {
    from.reject(*variable, "\"" + redact(text, variable_named(name).seen) +
                               "\" is not valid: " + parsed.error());
  }
}

}  // namespace

void take_proxies(reader& from, proxy_settings& into) {
  take_proxy(from, into.https, "HTTPS_PROXY");
  take_proxy(from, into.http, "HTTP_PROXY");
  const auto exempt = effective_proxy_variable(from, "NO_PROXY");
  if (!exempt) return;
  const printable list{no_proxy_bytes_max};
  if (auto parsed = list.parse(*from.get(*exempt))) {
    into.no_proxy = std::move(*parsed);
  } else {
    from.reject(*exempt, "is not valid; use " + list.accepted());
  }
}

std::optional<std::string_view> effective_proxy_variable(const reader& from,
                                                         std::string_view name) {
  const auto* const known = std::ranges::find(spellings, name, &spelling::capitals);
  if (known == spellings.end()) return std::nullopt;
  if (from.get(known->small)) return known->small;
  if (from.get(known->capitals)) return known->capitals;
  return std::nullopt;
}

}  // namespace ingestor::config
