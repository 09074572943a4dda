#include "telemetry/replica_report.hpp"

#include <gtest/gtest.h>

namespace ingestor::telemetry {
namespace {

TEST(replica_report, names_of_stages_lead_back_to_them) {
  for (const auto stage : {fetcher_stage::idle, fetcher_stage::claim, fetcher_stage::fetch,
                           fetcher_stage::load, fetcher_stage::write, fetcher_stage::commit}) {
    EXPECT_EQ(fetcher_stage_of(name_of(stage)), stage);
  }
  EXPECT_EQ(name_of(fetcher_stage::write), "write");
  EXPECT_EQ(fetcher_stage_of("of a later version"), fetcher_stage::idle);
}

TEST(replica_report, is_of_a_live_process_for_half_a_minute) {
  replica_report report{};
  EXPECT_TRUE(report.alive());
  report.age_seconds = 30;
  EXPECT_TRUE(report.alive());
  report.age_seconds = 30.1;
  EXPECT_FALSE(report.alive());
}

}  // namespace
}  // namespace ingestor::telemetry
