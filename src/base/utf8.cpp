#include "base/utf8.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace ingestor {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// What the second byte may be, by the first: RFC 3629, section 4. Third and fourth bytes are always
// 80..BF.
struct lead {
  std::uint8_t length;
  std::uint8_t second_min;
  std::uint8_t second_max;
};

constexpr lead lead_of(std::uint8_t byte) {
  if (byte >= 0x01 && byte <= 0x7F) return {1, 0, 0};
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// The length of the character at the front, 0 when it is malformed.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto first = lead_of(byte(0));
  if (first.length <= 1) return first.length;
  if (text.size() < first.length) return 0;
  if (byte(1) < first.second_min || byte(1) > first.second_max) return 0;
  for (std::size_t i = 2; i < first.length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return first.length;
}

// True for eight bytes that are all ASCII and none of them zero.
bool plain_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  constexpr std::uint64_t ones = 0x0101010101010101U;
  return ((word | (word - ones)) & high_bits) == 0;
}

}  // namespace

std::size_t storable_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= sizeof(std::uint64_t) && plain_word(text.data() + at)) {
      at += sizeof(std::uint64_t);
      continue;
    }
    const auto length = character_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

std::string storable_text(std::string_view text, std::size_t bytes_max) {
  std::string out;
  while (!text.empty() && out.size() < bytes_max) {
    const auto length = character_length(text);
    const auto piece = length == 0 ? replacement : text.substr(0, length);
    if (out.size() + piece.size() > bytes_max) break;
    out += piece;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace ingestor
