#include "http/proxy.hpp"

#include "base/ascii.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace ingestor::http {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

constexpr std::string_view separators = ", \t";

std::optional<ip::address> address_of(std::string_view text) {
  error_code failed;
  const auto address = ip::make_address(std::string{text}, failed);
  if (failed) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

bool is_within(const ip::address& address, std::string_view network) {
  error_code failed;
  if (address.is_v4()) {
    const auto range = ip::make_network_v4(std::string{network}, failed);
    if (failed) return false;
    const ip::network_v4 own{address.to_v4(), range.prefix_length()};
    return own.canonical() == range.canonical();
  }
  const auto range = ip::make_network_v6(std::string{network}, failed);
  if (failed) return false;
  const ip::network_v6 own{address.to_v6(), range.prefix_length()};
  return own.canonical() == range.canonical();
}

/// In lower case, without the dot that makes a name absolute.
std::string plain_name(std::string_view host) {
  auto out = ascii_lower(host);
  if (out.ends_with('.')) out.pop_back();
  return out;
}

bool is_at_or_below(std::string_view name, std::string_view suffix) {
  if (name == suffix) return true;
  return name.size() > suffix.size() && name.ends_with(suffix) &&
         name[name.size() - suffix.size() - 1] == '.';
}

bool is_near(const std::string& name) {
  constexpr std::string_view near_networks[] = {"127.0.0.0/8", "169.254.0.0/16", "::1/128",
                                                "fe80::/10", "fd00:ec2::/32"};
  const auto address = address_of(name);
  if (!address) return is_at_or_below(name, "localhost");
  return std::any_of(std::begin(near_networks), std::end(near_networks),
                     [&](std::string_view network) { return is_within(*address, network); });
}

struct no_proxy_entry {
  std::string_view host;
  std::string_view port;  // empty: any
};

/// Takes `host`, `host:port`, `[v6]`, `[v6]:port` and a bare IPv6 address or network apart.
no_proxy_entry split(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = std::min(text.find(']'), text.size() - 1);
    const auto rest = text.substr(close + 1);
    return {text.substr(1, close - 1), rest.starts_with(':') ? rest.substr(1) : rest};
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return {text, {}};
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool covers(std::string_view text, const std::string& name, std::uint16_t port) {
  if (text == "*") return true;
  auto entry = split(text);
  if (!entry.port.empty() && entry.port != std::to_string(port)) return false;
  if (const auto address = address_of(name)) {
    return entry.host.find('/') == std::string_view::npos ? address_of(entry.host) == address
                                                          : is_within(*address, entry.host);
  }
  if (entry.host.starts_with("*.")) entry.host.remove_prefix(1);
  entry.host.remove_prefix(std::min(entry.host.find_first_not_of('.'), entry.host.size()));
  return !entry.host.empty() && is_at_or_below(name, plain_name(entry.host));
}

bool is_exempt(const std::string& name, std::uint16_t port, std::string_view no_proxy) {
  while (!no_proxy.empty()) {
    const auto end = std::min(no_proxy.find_first_of(separators), no_proxy.size());
    if (end > 0 && covers(no_proxy.substr(0, end), name, port)) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

}  // namespace

std::optional<proxy> proxy_for(const origin& where, const proxy_settings& settings) {
  const auto& candidate = where.tls ? settings.for_https : settings.for_http;
  if (!candidate) return std::nullopt;
  const auto name = plain_name(where.host);
  if (is_near(name) || is_exempt(name, where.port, settings.no_proxy)) return std::nullopt;
  return candidate;
}

std::string name_of(const proxy& via, const origin& target) {
  return "the proxy " + name_of(via.where) + (target.tls ? " (HTTPS_PROXY)" : " (HTTP_PROXY)");
}

secret basic_authorization(const secret& user_info) {
  const auto& text = user_info.reveal();
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');
  const auto written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(written));
  encoded.insert(0, "Basic ");
  return secret{std::move(encoded)};
}

}  // namespace ingestor::http
