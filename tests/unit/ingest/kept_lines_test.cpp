#include "ingest/kept_lines.hpp"

#include "normalise/rejection.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::ingest {
namespace {

codec::line line_of(std::uint64_t number, std::string_view text) {
  return {number, 100 * number, text, false, text.size()};
}

TEST(kept_lines, gives_each_line_back_as_it_came) {
  kept_lines lines;
  {
    const std::string gone = "first";
    lines.add(line_of(1, gone), {});
  }
  normalise::row_outcome repaired{};
  repaired.repaired = true;
  lines.add(line_of(3, ""), repaired);
  lines.add(line_of(4, "third"), {});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].raw, "first");
  EXPECT_EQ(lines[0].byte_offset, 100U);
  EXPECT_EQ(lines[1].raw, "");
  EXPECT_EQ(lines[1].number, 3U);
  EXPECT_TRUE(lines[1].outcome.repaired);
  EXPECT_EQ(lines[2].raw, "third");
}

TEST(kept_lines, keeps_no_more_of_a_line_than_a_rejected_one_has) {
  kept_lines lines;
  const std::string long_line(normalise::rejected_raw_bytes_max + 1, 'x');
  lines.add(line_of(1, long_line), {});
  EXPECT_EQ(lines[0].raw.size(), normalise::rejected_raw_bytes_max);
}

TEST(kept_lines, says_what_it_takes) {
  kept_lines lines;
  EXPECT_EQ(lines.bytes(), 0U);
  lines.add(line_of(1, "0123456789"), {});
  const auto one = lines.bytes();
  EXPECT_GT(one, 10U);
  lines.add(line_of(2, "0123456789"), {});
  EXPECT_EQ(lines.bytes(), 2 * one);
  EXPECT_GE(lines.capacity(), lines.bytes());
  lines.clear();
  EXPECT_EQ(lines.bytes(), 0U);
}

}  // namespace
}  // namespace ingestor::ingest
