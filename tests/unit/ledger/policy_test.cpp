#include "ledger/policy.hpp"

#include <gtest/gtest.h>

namespace ingestor::ledger {
namespace {

using namespace std::chrono_literals;

TEST(next_attempt_after, doubles_and_is_capped) {
  const retry_terms terms{30s, 100};
  EXPECT_EQ(next_attempt_after(1, terms), 30s);
  EXPECT_EQ(next_attempt_after(2, terms), 60s);
  EXPECT_EQ(next_attempt_after(3, terms), 120s);
  EXPECT_EQ(next_attempt_after(7, terms), 1920s);
  EXPECT_EQ(next_attempt_after(8, terms), 1h);
  EXPECT_EQ(next_attempt_after(99, terms), 1h);
}

TEST(next_attempt_after, ends_with_the_last_attempt) {
  const retry_terms terms{1s, 3};
  EXPECT_TRUE(next_attempt_after(2, terms));
  EXPECT_FALSE(next_attempt_after(3, terms));
  EXPECT_FALSE(next_attempt_after(4, terms));
}

TEST(next_attempt_after, keeps_a_backoff_beyond_the_cap_at_the_cap) {
  EXPECT_EQ(next_attempt_after(1, {7 * 24h, 5}), 1h);
}

}  // namespace
}  // namespace ingestor::ledger
