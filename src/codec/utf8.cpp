#include "codec/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace ingestor::codec {
namespace {

constexpr std::size_t block_bytes = 64;

/// Most log lines are ASCII from end to end; the inner loop has no branch, so that the compiler
/// can use vector registers. NULs are looked for separately, by memchr.
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

bool between(unsigned char byte, unsigned char low, unsigned char high) {
  return byte >= low && byte <= high;
}

/// How many bytes a sequence has that begins with `lead`; 0 where none does.
std::size_t sequence_bytes(unsigned char lead) {
  if (between(lead, 0xc2, 0xdf)) return 2;
  if (between(lead, 0xe0, 0xef)) return 3;
  if (between(lead, 0xf0, 0xf4)) return 4;
  return 0;
}

/// The second byte decides about overlong forms, surrogates and the upper end (RFC 3629).
bool second_byte_fits(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xe0:
      return between(second, 0xa0, 0xbf);
    case 0xed:
      return between(second, 0x80, 0x9f);
    case 0xf0:
      return between(second, 0x90, 0xbf);
    case 0xf4:
      return between(second, 0x80, 0x8f);
    default:
      return between(second, 0x80, 0xbf);
  }
}

enum class sequence { good, bad, cut };

sequence check_sequence(std::string_view text, std::size_t wanted) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (wanted == 0) return sequence::bad;
  if (text.size() > 1 && !second_byte_fits(at(0), at(1))) return sequence::bad;
  for (std::size_t i = 2; i < wanted && i < text.size(); ++i) {
    if (!between(at(i), 0x80, 0xbf)) return sequence::bad;
  }
  return text.size() < wanted ? sequence::cut : sequence::good;
}

}  // namespace

utf8_check check_utf8(std::string_view text) {
  const auto nul = text.find('\0');
  const auto whole = nul == std::string_view::npos;
  const auto size = whole ? text.size() : nul;
  std::size_t at = 0;
  while (true) {
    at += ascii_length(text.data() + at, size - at);
    if (at == size) return {at, false};
    const auto rest = text.substr(at, size - at);
    const auto wanted = sequence_bytes(static_cast<unsigned char>(rest[0]));
    const auto found = check_sequence(rest, wanted);
    if (found != sequence::good) return {at, whole && found == sequence::cut};
    at += wanted;
  }
}

}  // namespace ingestor::codec
