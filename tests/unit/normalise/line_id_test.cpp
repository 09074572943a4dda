#include "normalise/line_id.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::normalise {
namespace {

std::string hex(const std::array<std::byte, 16>& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto each : id) {
    out += digits[std::to_integer<std::size_t>(each >> 4)];
    out += digits[std::to_integer<std::size_t>(each & std::byte{0xf})];
  }
  return out;
}

// That the SQL functions invert it is for PostgreSQL to say: tests/integration/normalise.
TEST(line_id, is_a_version_8_uuid_of_file_and_line) {
  EXPECT_EQ(hex(line_id(0, 0)), "00000000000080008000000000000000");
  EXPECT_EQ(hex(line_id(1, 1)), "00000000000080018000000000000001");
  EXPECT_EQ(hex(line_id(0x123456789abcdef, 0x0fedcba987654321)),
            "123456789abc8def8fedcba987654321");
  EXPECT_EQ(hex(line_id((1LL << 60) - 1, (1ULL << 62) - 1)), "ffffffffffff8fffbfffffffffffffff");
}

TEST(line_id, sorts_by_file_then_line) {
  EXPECT_LT(line_id(1, 1'000'000), line_id(2, 1));
  EXPECT_LT(line_id(2, 255), line_id(2, 256));
  EXPECT_LT(line_id(4095, 9), line_id(4096, 1));
}

}  // namespace
}  // namespace ingestor::normalise
