#include "normalise/line_id.hpp"

#include <cassert>

namespace ingestor::normalise {
namespace {

constexpr unsigned file_bits = 60;
constexpr unsigned line_bits = 62;
constexpr std::uint64_t version = 8;
constexpr std::uint64_t variant = 2;

void put(std::uint64_t word, std::byte* at) {
  for (unsigned i = 0; i < 8; ++i) at[i] = static_cast<std::byte>(word >> (56 - 8 * i) & 0xff);
}

}  // namespace

std::array<std::byte, 16> line_id(std::int64_t file_id, std::uint64_t line) {
  const auto file = static_cast<std::uint64_t>(file_id);
  assert(file >> file_bits == 0 && line >> line_bits == 0);
  std::array<std::byte, 16> id{};
  put((file >> 12) << 16 | version << 12 | (file & 0xfff), id.data());
  put(variant << line_bits | line, id.data() + 8);
  return id;
}

}  // namespace ingestor::normalise
