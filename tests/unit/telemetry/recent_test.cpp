#include "telemetry/recent.hpp"

#include <gtest/gtest.h>

namespace ingestor::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

steady_time at(milliseconds time) {
  return steady_time{std::chrono::hours{1} + time};
}

TEST(recent_rate, needs_two_samples_and_some_time) {
  recent_rate rate;
  EXPECT_EQ(rate.per_second(), 0);
  rate.add(at(seconds{0}), 500);
  EXPECT_EQ(rate.per_second(), 0);
  rate.add(at(seconds{0}), 600);
  EXPECT_EQ(rate.per_second(), 0) << "no time has passed";
  rate.add(at(seconds{2}), 700);
  EXPECT_EQ(rate.per_second(), 100);
}

TEST(recent_rate, forgets_what_is_older_than_its_samples) {
  recent_rate rate;
  double total = 0;
  int second = 0;
  for (; second < 20; ++second) rate.add(at(seconds{second}), total += 1000);
  EXPECT_EQ(rate.per_second(), 1000);
  for (int i = 0; i < 11; ++i, ++second) rate.add(at(seconds{second}), total);
  EXPECT_EQ(rate.per_second(), 0);
}

TEST(recent_maximum, is_that_of_the_last_minute) {
  recent_maximum most;
  EXPECT_EQ(most.value(at(seconds{0})), 0);
  most.add(at(milliseconds{500}), 3);
  most.add(at(milliseconds{900}), 2);
  most.add(at(seconds{30}), 1);
  EXPECT_EQ(most.value(at(seconds{30})), 3);
  EXPECT_EQ(most.value(at(seconds{59})), 3);
  EXPECT_EQ(most.value(at(seconds{60})), 1) << "nothing was added since, and yet it is over";
  EXPECT_EQ(most.value(at(seconds{90})), 0);
}

TEST(recent_maximum, begins_anew_where_a_second_comes_round_again) {
  recent_maximum most;
  most.add(at(seconds{1}), 9);
  most.add(at(seconds{61}), 1);
  EXPECT_EQ(most.value(at(seconds{61})), 1);
}

}  // namespace
}  // namespace ingestor::telemetry
