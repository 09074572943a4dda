#include "config/listen_address.hpp"

#include "config/quantity.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace ingestor::config {
namespace {

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(family, text.c_str(), ignored.data()) == 1;
}

bool is_label(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view digits = "0123456789";
  return !text.empty() && text.size() <= 63 && !text.starts_with('-') && !text.ends_with('-') &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return c == '-' || letters.find(c) != std::string_view::npos ||
                  digits.find(c) != std::string_view::npos;
         });
}

/// RFC 1123, section 2.1. Its last label is no number, or it would be an address that is wrong.
bool is_name(std::string_view text) {
  if (text.size() > 253) return false;
  const auto last = text.substr(text.rfind('.') + 1);
  if (last.find_first_not_of("0123456789") == std::string_view::npos) return false;
  while (text.find('.') != std::string_view::npos) {
    if (!is_label(text.substr(0, text.find('.')))) return false;
    text.remove_prefix(text.find('.') + 1);
  }
  return is_label(text);
}

std::optional<std::string> parse_host(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    std::string address{text.substr(1, text.size() - 2)};
    if (is_address(AF_INET6, address)) return address;
    return std::nullopt;
  }
  std::string address{text};
  if (is_address(AF_INET, address) || is_name(text)) return address;
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
