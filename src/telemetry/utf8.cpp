#include "telemetry/utf8.hpp"

namespace ingestor::telemetry {
namespace {

struct lead {
  std::size_t bytes = 0;
  unsigned char second_least = 0x80;
  unsigned char second_most = 0xbf;
  char32_t bits = 0;
};

/// Narrower bounds of the second byte rule out overlong forms, surrogates and what is above
/// U+10FFFF. `bytes` is 0 for a byte that cannot begin a character.
lead classify(unsigned char byte) {
  if (byte < 0x80) return {.bytes = 1, .bits = byte};
  if (byte >= 0xc2 && byte <= 0xdf) return {.bytes = 2, .bits = byte & 0x1fU};
  if (byte >= 0xe0 && byte <= 0xef) {
    lead out{.bytes = 3, .bits = byte & 0x0fU};
    if (byte == 0xe0) out.second_least = 0xa0;
    if (byte == 0xed) out.second_most = 0x9f;
    return out;
  }
  if (byte >= 0xf0 && byte <= 0xf4) {
    lead out{.bytes = 4, .bits = byte & 0x07U};
    if (byte == 0xf0) out.second_least = 0x90;
    if (byte == 0xf4) out.second_most = 0x8f;
    return out;
  }
  return {};
}

}  // namespace

utf8_step first_character(std::string_view text) {
  auto [bytes, least, most, character] = classify(static_cast<unsigned char>(text.front()));
  if (bytes == 0) return {1, 0, false};
  for (std::size_t at = 1; at < bytes; ++at) {
    if (at == text.size()) return {at, 0, false};
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < least || byte > most) return {at, 0, false};
    character = (character << 6U) | (byte & 0x3fU);
    least = 0x80;
    most = 0xbf;
  }
  return {bytes, character, true};
}

}  // namespace ingestor::telemetry
