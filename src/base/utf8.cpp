#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace ingestor {
namespace {

constexpr std::size_t block_bytes = 64;

// Most log lines are ASCII from end to end; the inner loop has no branch, so that the compiler can
// use vector registers. NULs are looked for separately, by memchr.
std::size_t ascii_length(const char* text, std::size_t size) {
  std::size_t at = 0;
  while (size - at >= block_bytes) {
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < block_bytes; i += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, text + at + i, sizeof word);
      any |= word;
    }
    if ((any & 0x8080808080808080U) != 0) break;
    at += block_bytes;
  }
  while (at < size && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

// What the first byte says. Narrower bounds of the second byte rule out overlong forms, surrogates
// and what is above U+10FFFF. `bytes` is 0 for a byte that cannot begin a character.
struct lead {
  std::size_t bytes = 0;
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xbf;
  char32_t bits = 0;
};

lead classify(unsigned char byte) {
  if (byte < 0x80) return {.bytes = 1, .bits = byte};
  if (byte >= 0xc2 && byte <= 0xdf) return {.bytes = 2, .bits = byte & 0x1fU};
  if (byte >= 0xe0 && byte <= 0xef) {
    lead out{.bytes = 3, .bits = byte & 0x0fU};
    if (byte == 0xe0) out.second_min = 0xa0;
    if (byte == 0xed) out.second_max = 0x9f;
    return out;
  }
  if (byte >= 0xf0 && byte <= 0xf4) {
    lead out{.bytes = 4, .bits = byte & 0x07U};
    if (byte == 0xf0) out.second_min = 0x90;
    if (byte == 0xf4) out.second_max = 0x8f;
    return out;
  }
  return {};
}

}  // namespace

utf8_step first_character(std::string_view text) {
  auto [bytes, least, most, character] = classify(static_cast<unsigned char>(text.front()));
  if (bytes == 0) return {1, 0, false, false};
  for (std::size_t at = 1; at < bytes; ++at) {
    if (at == text.size()) return {at, 0, false, true};
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < least || byte > most) return {at, 0, false, false};
    character = (character << 6U) | (byte & 0x3fU);
    least = 0x80;
    most = 0xbf;
  }
  return {bytes, character, true, false};
}

utf8_check check_utf8(std::string_view text) {
  const auto nul = text.find('\0');
  const auto whole = nul == std::string_view::npos;
  const auto good = text.substr(0, nul);
  std::size_t at = 0;
  while (true) {
    at += ascii_length(good.data() + at, good.size() - at);
    if (at == good.size()) return {at, false};
    const auto next = first_character(good.substr(at));
    if (!next.well_formed) return {at, whole && next.cut};
    at += next.bytes;
  }
}

std::string storable_text(std::string_view text, std::size_t bytes_max) {
  std::string out;
  while (!text.empty()) {
    const auto next = first_character(text);
    const bool storable = next.well_formed && next.character != 0;
    const auto piece = storable ? text.substr(0, next.bytes) : replacement_character;
    if (out.size() + piece.size() > bytes_max) break;
    out += piece;
    text.remove_prefix(next.bytes);
  }
  return out;
}

}  // namespace ingestor
