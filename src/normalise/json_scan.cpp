#include "normalise/json_scan.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace ingestor::normalise {
namespace {

constexpr std::uint64_t every_byte = 0x0101010101010101U;
constexpr std::uint64_t high_bits = 0x80 * every_byte;

static_assert(std::endian::native == std::endian::little, "special_bytes() finds the first byte");

/// The high bit of each byte that is below `limit` (at most 0x80). A borrow can set further bits,
/// but only above the lowest right one.
constexpr std::uint64_t below(std::uint64_t word, std::uint64_t limit) {
  return (word - limit * every_byte) & ~word & high_bits;
}

constexpr std::uint64_t special_bytes(std::uint64_t word) {
  return below(word, 0x20) | below(word ^ '"' * every_byte, 1) | below(word ^ '\\' * every_byte, 1);
}

bool is_special(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\';
}

}  // namespace

std::size_t plain_length(const char* begin, const char* end) {
  const char* at = begin;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const auto special = special_bytes(word);
    if (special != 0) return static_cast<std::size_t>(at - begin + std::countr_zero(special) / 8);
  }
  while (at != end && !is_special(*at)) ++at;
  return static_cast<std::size_t>(at - begin);
}

}  // namespace ingestor::normalise
