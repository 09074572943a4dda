#include "pg/fsm/pool_policy.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace ingestor::pg::fsm {
namespace {

using namespace std::chrono_literals;

/// All combinations of small numbers.
template <class Check>
void for_all(Check check) {
  for (std::size_t bits = 0; bits < 4 * 4 * 4 * 4 * 8 * 2; ++bits) {
    pool_counts counts;
    counts.size = 3;
    counts.idle = bits & 3;
    counts.in_use = bits >> 2 & 3;
    counts.connecting = bits >> 4 & 3;
    counts.waiting = bits >> 6 & 3;
    counts.failures = bits >> 8 & 1;
    counts.backing_off = (bits >> 9 & 1) != 0;
    counts.closing = (bits >> 10 & 1) != 0;
    counts.retiring = bits >> 11 & 1;
    check(counts, next_action(counts));
  }
}

TEST(pool_policy, never_makes_more_connections_than_its_size) {
  for_all([](const pool_counts& counts, pool_action action) {
    if (action != pool_action::connect) return;
    EXPECT_LT(counts.idle + counts.in_use + counts.connecting + counts.retiring, counts.size);
  });
}

TEST(pool_policy, connects_only_for_those_who_wait) {
  for_all([](const pool_counts& counts, pool_action action) {
    if (action != pool_action::connect) return;
    EXPECT_GT(counts.waiting, counts.connecting);
    EXPECT_EQ(counts.idle, 0U);
  });
}

TEST(pool_policy, one_attempt_at_a_time_after_a_failure_and_none_in_the_pause) {
  for_all([](const pool_counts& counts, pool_action action) {
    if (action != pool_action::connect) return;
    EXPECT_FALSE(counts.backing_off);
    EXPECT_FALSE(counts.failures > 0 && counts.connecting > 0);
  });
}

TEST(pool_policy, hands_out_what_there_is_before_anything_else) {
  for_all([](const pool_counts& counts, pool_action action) {
    if (counts.closing) return;
    const bool can_lend = counts.waiting > 0 && counts.idle > 0;
    EXPECT_EQ(action == pool_action::lease_idle, can_lend);
  });
}

TEST(pool_policy, whoever_waits_in_an_empty_pool_gets_an_attempt) {
  for_all([](const pool_counts& counts, pool_action action) {
    const bool empty = counts.idle + counts.in_use + counts.connecting + counts.retiring == 0;
    if (!empty || counts.waiting == 0 || counts.backing_off || counts.closing) return;
    EXPECT_EQ(action, pool_action::connect);
  });
}

TEST(pool_policy, closing_refuses_and_closes_until_nothing_is_left) {
  for_all([](const pool_counts& counts, pool_action action) {
    if (!counts.closing) {
      EXPECT_NE(action, pool_action::refuse_first);
      EXPECT_NE(action, pool_action::close_idle);
      return;
    }
    const auto expected = counts.waiting > 0 ? pool_action::refuse_first
                          : counts.idle > 0  ? pool_action::close_idle
                                             : pool_action::none;
    EXPECT_EQ(action, expected);
  });
}

TEST(backoff, doubles_up_to_its_limit) {
  EXPECT_EQ(backoff(1, 100ms, 10s, 1.0), 100ms);
  EXPECT_EQ(backoff(2, 100ms, 10s, 1.0), 200ms);
  EXPECT_EQ(backoff(7, 100ms, 10s, 1.0), 6400ms);
  EXPECT_EQ(backoff(8, 100ms, 10s, 1.0), 10s);
  EXPECT_EQ(backoff(std::numeric_limits<unsigned>::max(), 100ms, 10s, 1.0), 10s);
  EXPECT_EQ(backoff(1, 10s, 1s, 1.0), 1s);
}

TEST(backoff, jitter_takes_away_at_most_half) {
  EXPECT_EQ(backoff(3, 100ms, 10s, 0.0), 200ms);
  EXPECT_EQ(backoff(3, 100ms, 10s, 0.5), 300ms);
  EXPECT_EQ(backoff(3, 100ms, 10s, 7.0), 400ms);
}

}  // namespace
}  // namespace ingestor::pg::fsm
