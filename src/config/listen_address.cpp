#include "config/listen_address.hpp"

#include "config/quantity.hpp"

#include <arpa/inet.h>
#include <array>

namespace ingestor::config {
namespace {

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(family, text.c_str(), ignored.data()) == 1;
}

std::optional<std::string> parse_host(std::string_view text) {
  if (text == "localhost") return "127.0.0.1";
  if (text.starts_with('[') && text.ends_with(']')) {
    std::string address{text.substr(1, text.size() - 2)};
    if (is_address(AF_INET6, address)) return address;
    return std::nullopt;
  }
  std::string address{text};
  if (is_address(AF_INET, address)) return address;
  return std::nullopt;
}

}  // namespace

std::optional<listen_address> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  // inet_pton() reads up to the first NUL, which would hide what follows it.
  if (colon == std::string_view::npos || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  auto host = parse_host(text.substr(0, colon));
  const auto port = parse_whole_number(text.substr(colon + 1));
  if (!host || !port || *port > 65535) return std::nullopt;
  return listen_address{std::move(*host), static_cast<std::uint16_t>(*port)};
}

}  // namespace ingestor::config
