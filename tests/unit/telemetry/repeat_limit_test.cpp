#include "telemetry/repeat_limit.hpp"

#include <gtest/gtest.h>

namespace ingestor::telemetry {
namespace {

using namespace std::chrono_literals;

const repeat_limit::time_point start{100s};

TEST(repeat_limit, admits_so_many_a_second_of_each_kind) {
  repeat_limit limit{2};
  EXPECT_TRUE(limit.admit("a", start));
  EXPECT_TRUE(limit.admit("a", start + 999ms));
  EXPECT_FALSE(limit.admit("a", start + 999ms));
  EXPECT_TRUE(limit.admit("b", start + 999ms));
  EXPECT_TRUE(limit.admit("a", start + 1s));
}

TEST(repeat_limit, tells_what_was_hidden_once_the_second_is_over) {
  repeat_limit limit{1};
  for (int i = 0; i < 5; ++i) limit.admit("a", start);
  EXPECT_TRUE(limit.take_hidden(start + 999ms).empty());
  const auto hidden = limit.take_hidden(start + 1s);
  ASSERT_EQ(hidden.size(), 1U);
  EXPECT_EQ(hidden[0].kind, "a");
  EXPECT_EQ(hidden[0].lines, 4U);
  EXPECT_TRUE(limit.take_hidden(start + 2s).empty());
}

TEST(repeat_limit, adds_up_what_nobody_asked_for) {
  repeat_limit limit{1};
  for (const auto second : {0s, 1s, 2s}) {
    for (int i = 0; i < 3; ++i) limit.admit("a", start + second);
  }
  const auto hidden = limit.take_hidden(repeat_limit::time_point::max());
  ASSERT_EQ(hidden.size(), 1U);
  EXPECT_EQ(hidden[0].lines, 6U);
  EXPECT_EQ(hidden[0].seconds, 2);
}

}  // namespace
}  // namespace ingestor::telemetry
