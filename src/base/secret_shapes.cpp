#include "base/secret_shapes.hpp"

#include "base/wipe.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace ingestor {
namespace {

constexpr std::size_t shapes_max = 17;
constexpr std::string_view small_digits = "0123456789abcdef";
constexpr std::string_view capital_digits = "0123456789ABCDEF";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// For the longest shape (`&quot;`): a text that grows leaves its beginning behind in memory.
std::string room_for(std::string_view text) {
  std::string out;
  out.reserve(6 * text.size());
  return out;
}

unsigned octet(char c) {
  return static_cast<unsigned char>(c);
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._~"}.find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text, std::string_view digits, bool form) {
  auto out = room_for(text);
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else if (form && c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += digits[octet(c) >> 4U];
      out += digits[octet(c) & 15U];
    }
  }
  return out;
}

std::string hexadecimal(std::string_view text, std::string_view digits) {
  auto out = room_for(text);
  for (const char c : text) {
    out += digits[octet(c) >> 4U];
    out += digits[octet(c) & 15U];
  }
  return out;
}

/// The digits that depend on nothing but `text` where `before` bytes modulo 3 stand in front of it.
std::string base64(std::string_view text, std::size_t before) {
  auto out = room_for(text);
  const auto first_digit = (before * 8 + 5) / 6;
  const auto end_digit = (before + text.size()) * 8 / 6;
  for (auto digit = first_digit; digit < end_digit; ++digit) {
    const auto bit = digit * 6 - before * 8;
    const auto byte = bit / 8;
    const auto next = byte + 1 < text.size() ? octet(text[byte + 1]) : 0U;
    const auto pair = octet(text[byte]) << 8U | next;
    out += base64_digits[pair >> (10U - bit % 8) & 63U];
  }
  return out;
}

std::string for_urls(std::string base64_text) {
  std::ranges::replace(base64_text, '+', '-');
  std::ranges::replace(base64_text, '/', '_');
  return base64_text;
}

using replacement = std::pair<char, std::string_view>;

std::string replaced(std::string_view text, std::span<const replacement> by) {
  auto out = room_for(text);
  for (const char c : text) {
    const auto found = std::ranges::find(by, c, &replacement::first);
    if (found == by.end()) {
      out += c;
    } else {
      out += found->second;
    }
  }
  return out;
}

constexpr std::array<replacement, 2> json{{{'"', "\\\""}, {'\\', "\\\\"}}};
constexpr std::array<replacement, 3> json_with_slash{{{'"', "\\\""}, {'\\', "\\\\"}, {'/', "\\/"}}};
constexpr std::array<replacement, 3> xml{{{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}}};
constexpr std::array<replacement, 5> html{
    {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}}};

}  // namespace

std::vector<std::string> shapes_of(std::string_view text) {
  std::vector<std::string> out;
  const auto add = [&](std::string shape) {
    if (std::ranges::find(out, shape) == out.end()) {
      out.push_back(std::move(shape));
    } else {
      wipe(shape);
    }
  };
  out.reserve(shapes_max);
  add(replaced(text, {}));
  for (const auto digits : {small_digits, capital_digits}) {
    add(hexadecimal(text, digits));
    for (const bool form : {false, true}) add(percent_encoded(text, digits, form));
  }
  for (const std::size_t before : {0U, 1U, 2U}) {
    add(base64(text, before));
    add(for_urls(base64(text, before)));
  }
  add(replaced(text, json));
  add(replaced(text, json_with_slash));
  add(replaced(text, xml));
  add(replaced(text, html));
  return out;
}

}  // namespace ingestor
