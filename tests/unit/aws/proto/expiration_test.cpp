#include "aws/proto/expiration.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::aws {
namespace {

using namespace std::chrono_literals;

TEST(expiration, is_in_utc_or_has_an_offset) {
  const auto zulu = parse_expiration("2024-05-29T00:21:43Z");
  ASSERT_TRUE(zulu);
  EXPECT_EQ(parse_expiration("2024-05-29T02:21:43+02:00"), zulu);
  EXPECT_EQ(parse_expiration("2024-05-28T18:51:43-05:30"), zulu);
  EXPECT_EQ(parse_expiration("2024-05-29T00:21:43.000Z"), zulu);
  EXPECT_EQ(parse_expiration("2024-05-29T00:21:43+00:00"), zulu);
}

TEST(expiration, is_nothing_else) {
  for (const std::string text :
       {"", "Z", "+00:00", "never", "1716942103", "2024-05-29T00:21:43", "2024-05-29T00:21:43+0000",
        "2024-05-29T00:21:43+-1:00", "2024-05-29T00:21:43+00.00", "2024-13-29T00:21:43Z"}) {
    EXPECT_FALSE(parse_expiration(text)) << text;
  }
}

TEST(expiration, is_expected_a_quarter_of_an_hour_before) {
  const timestamp now{1000h};
  const auto times = refresh_times_of(now, now + 6h);
  EXPECT_EQ(times.advisory, now + 6h - 15min);
  EXPECT_EQ(times.mandatory, now + 6h - 10min);
}

TEST(expiration, of_a_short_life_leaves_most_of_it) {
  const timestamp now{1000h};
  const auto times = refresh_times_of(now, now + 60s);
  EXPECT_EQ(times.advisory, now + 45s);
  EXPECT_EQ(times.mandatory, now + 50s);
  const auto over = refresh_times_of(now, now - 60s);
  EXPECT_EQ(over.advisory, now - 60s);
}

}  // namespace
}  // namespace ingestor::aws
