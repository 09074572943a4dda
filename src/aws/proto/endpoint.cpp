#include "aws/proto/endpoint.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace ingestor::aws {
namespace {

constexpr std::string_view wanted_shape = "; it should look like https://s3.example.com:9000";
constexpr std::size_t host_bytes_max = 253;  // RFC 1035, section 2.3.4, as text

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > host_bytes_max) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_lower_alnum(ascii_lower(c)) || c == '-' || c == '.' || c == '_';
  });
}

bool is_ipv6_text(std::string_view host) {
  constexpr std::string_view allowed = "0123456789abcdefABCDEF:.";
  return host.find(':') != std::string_view::npos &&
         host.find_first_not_of(allowed) == std::string_view::npos;
}

std::string malformed(std::string_view why) {
  return std::string{why}.append(wanted_shape);
}

/// Takes "host", "host:port", "[v6]" or "[v6]:port" apart; `port` stays empty where none is given.
struct host_and_port {
  bool has_port = false;
  std::string_view host;
  std::string_view port;
};

ingestor::result<host_and_port, std::string> split_authority(std::string_view text) {
  host_and_port out;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos || !is_ipv6_text(text.substr(1, close - 1))) {
      return malformed("the IPv6 address in brackets is malformed");
    }
    out.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    out.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (!is_host_name(out.host)) return malformed("the host name is missing or malformed");
  }
  if (rest.empty()) return out;
  if (!rest.starts_with(':')) return malformed("there is text between the host and the port");
  out.port = rest.substr(1);
  out.has_port = true;
  return out;
}

ingestor::result<std::uint16_t, std::string> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (failed != std::errc{} || end != last || value == 0 || value > 65535) {
    return malformed("the port is not a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(value);
}

}  // namespace

ingestor::result<endpoint, std::string> parse_endpoint(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) {
    return malformed("the URL does not begin with http:// or https://");
  }
  const auto scheme = ascii_lower(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") {
    return malformed("the URL does not begin with http:// or https://");
  }
  const auto rest = url.substr(scheme_end + 3);
  const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const auto authority_text = rest.substr(0, authority_end);
  if (authority_text.find('@') != std::string_view::npos) {
    return malformed("credentials do not belong into the URL");
  }
  const auto path = rest.substr(authority_end);
  if (!path.empty() && path != "/") {
    return malformed("the URL has a path or a query, which S3 endpoints do not have");
  }
  const auto parts = split_authority(authority_text);
  if (!parts) return parts.error();

  endpoint out{.tls = scheme == "https", .host = ascii_lower(parts->host)};
  out.port = out.tls ? 443 : 80;
  if (parts->has_port) {
    const auto port = parse_port(parts->port);
    if (!port) return port.error();
    out.port = *port;
  }
  return out;
}

std::string authority(const endpoint& where) {
  const bool ipv6 = where.host.find(':') != std::string::npos;
  std::string out = ipv6 ? '[' + where.host + ']' : where.host;
  if (where.port != (where.tls ? 443 : 80)) out += ':' + std::to_string(where.port);
  return out;
}

std::string url_of(const endpoint& where) {
  return (where.tls ? "https://" : "http://") + authority(where);
}

}  // namespace ingestor::aws
