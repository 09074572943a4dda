#include "s3/proto/pace.hpp"

#include <gtest/gtest.h>

namespace ingestor::s3::proto {
namespace {

using namespace std::chrono_literals;

const pace::time_point begin{1h};

TEST(pace, is_full_speed_until_s3_asks_to_slow_down) {
  pace at;
  at.started(begin);
  EXPECT_LE(at.next(), begin);
  at.succeeded();
  EXPECT_EQ(at.spacing(), 0ms);
}

TEST(pace, slows_down_to_less_than_a_request_a_second_and_no_further) {
  pace at;
  auto now = begin;
  for (int i = 0; i < 100; ++i) {
    at.started(now);
    at.throttled(now, now + 1ms, std::nullopt);
    EXPECT_EQ(at.next(), now + at.spacing());
    now = at.next();
  }
  EXPECT_EQ(at.spacing(), pace::spacing_max);
  EXPECT_GT(pace::spacing_max, 1s);
}

TEST(pace, counts_once_what_was_under_way_together) {
  pace at;
  for (int i = 0; i < 16; ++i)
    at.throttled(begin, begin + std::chrono::milliseconds{i}, std::nullopt);
  EXPECT_EQ(at.spacing(), pace::spacing_min);
  at.throttled(begin + 20ms, begin + 21ms, std::nullopt);
  EXPECT_EQ(at.spacing(), 2 * pace::spacing_min);
}

TEST(pace, is_back_at_full_speed_within_three_seconds_of_successes) {
  pace at;
  auto now = begin;
  for (int i = 0; i < 20; ++i, now += 1s) at.throttled(now, now, std::nullopt);
  at.started(now);
  const auto healed = now;
  while (at.spacing() > 0ms) {
    now = at.next();
    at.started(now);
    at.succeeded();
  }
  EXPECT_LT(now - healed, 3s);
}

TEST(pace, holds_all_requests_for_retry_after_within_its_bound) {
  pace at;
  at.throttled(begin, begin, 5s);
  EXPECT_EQ(at.next(), begin + 5s);
  at.throttled(begin + 1s, begin + 1s, std::chrono::seconds::max());
  EXPECT_EQ(at.next(), begin + 1s + pace::hold_max);
  at.throttled(begin + 2s, begin + 2s, 0s);
  EXPECT_EQ(at.next(), begin + 1s + pace::hold_max) << "a shorter one does not undo a longer one";
}

}  // namespace
}  // namespace ingestor::s3::proto
