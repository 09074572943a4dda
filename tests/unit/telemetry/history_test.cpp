#include "telemetry/history.hpp"

#include <gtest/gtest.h>

namespace ingestor::telemetry {
namespace {

history_sample sample_of(double rows) {
  history_sample sample{};
  sample.rows_per_second = rows;
  return sample;
}

TEST(history, begins_with_its_oldest_sample) {
  history kept;
  EXPECT_TRUE(kept.empty());
  kept.add(sample_of(1));
  kept.add(sample_of(2));
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].rows_per_second, 1);
  EXPECT_EQ(kept[1].rows_per_second, 2);
}

TEST(history, keeps_an_hour_and_forgets_the_oldest) {
  static_assert(history::samples_max == 360);
  history kept;
  for (int i = 0; i < 1000; ++i) kept.add(sample_of(i));
  ASSERT_EQ(kept.size(), history::samples_max);
  EXPECT_EQ(kept[0].rows_per_second, 1000 - 360);
  EXPECT_EQ(kept[359].rows_per_second, 999);
}

}  // namespace
}  // namespace ingestor::telemetry
