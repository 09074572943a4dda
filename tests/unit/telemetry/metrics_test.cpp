#include "telemetry/metrics.hpp"

#include "telemetry/process_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(metrics, has_every_name_of_the_contract) {
  metrics numbers{"1.2.3"};
  numbers.field_mismatches.with({"level"});  // whose columns the application knows
  const auto text = numbers.text();
  for (const std::string name : {"ingestor_files",
                                 "ingestor_files_processed_total",
                                 "ingestor_oldest_pending_age_seconds",
                                 "ingestor_commit_lag_seconds",
                                 "ingestor_rows_total",
                                 "ingestor_lines_rejected_total",
                                 "ingestor_field_mismatches_total",
                                 "ingestor_bytes_total",
                                 "ingestor_claims_total",
                                 "ingestor_lease_lost_total",
                                 "ingestor_s3_requests_total",
                                 "ingestor_s3_request_duration_seconds",
                                 "ingestor_s3_resumes_total",
                                 "ingestor_s3_throttled_total",
                                 "ingestor_copy_duration_seconds",
                                 "ingestor_db_pool_connections",
                                 "ingestor_db_pool_wait_seconds",
                                 "ingestor_buffer_bytes",
                                 "ingestor_build_info",
                                 "ingestor_loop_lag_seconds",
                                 "process_cpu_seconds_total",
                                 "process_resident_memory_bytes",
                                 "process_virtual_memory_bytes",
                                 "process_virtual_memory_max_bytes",
                                 "process_open_fds",
                                 "process_max_fds",
                                 "process_start_time_seconds"}) {
    EXPECT_THAT(text, HasSubstr("# HELP " + name + " ")) << name;
    EXPECT_THAT(text, HasSubstr("# TYPE " + name + " ")) << name;
  }
}

TEST(metrics, begins_at_zero_with_what_it_knows) {
  const auto text = metrics{"1.2.3"}.text();
  EXPECT_THAT(text, HasSubstr("ingestor_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_files{status=\"pending\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_files_processed_total{result=\"failed\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_lines_rejected_total{reason=\"not_json\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_bytes_total{stage=\"inflated\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("{code=\"206\",operation=\"GetObject\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_db_pool_connections{state=\"busy\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE ingestor_commit_lag_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_commit_lag_seconds_bucket{le=\"604800\"} 0\n"));
}

TEST(metrics, shows_the_ledger) {
  metrics numbers{"1"};
  ledger_figures figures;
  figures.files = {.pending = 5, .processing = 2, .completed = 3'000'000, .failed = 1};
  figures.oldest_pending_age = 12.5;
  figures.objects_changed = 4;
  numbers.set(figures);
  const auto text = numbers.text();
  EXPECT_THAT(text, HasSubstr("ingestor_files{status=\"pending\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_files{status=\"completed\"} 3000000\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_oldest_pending_age_seconds 12.5\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_objects_changed 4\n"));
  numbers.set({});
  EXPECT_THAT(numbers.text(), HasSubstr("ingestor_oldest_pending_age_seconds 0\n"));
}

TEST(metrics, bounds_the_number_of_series) {
  metrics numbers{"1"};
  for (std::size_t i = 0; i < 10 * series_max; ++i) {
    numbers.field_mismatches.with({"column" + std::to_string(i)}).Increment();
  }
  const auto text = numbers.text();
  EXPECT_THAT(text, HasSubstr("{column=\"column49\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("{column=\"column50\"}")));
  EXPECT_THAT(text, HasSubstr("{column=\"other\"} 450\n"));
  EXPECT_DOUBLE_EQ(numbers.field_mismatches.sum(), 500);
}

TEST(process_stat, finds_the_fields_behind_a_hostile_name) {
  const auto stat = parse_process_stat(
      "4711 (a) R 1 (x) S 1 2 3 4 -1 6 7 8 9 10 150 50 13 14 20 0 1 0 4242 1048576 256 99 1");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->user_ticks, 150U);
  EXPECT_EQ(stat->system_ticks, 50U);
  EXPECT_EQ(stat->start_ticks, 4242U);
  EXPECT_EQ(stat->virtual_bytes, 1048576U);
  EXPECT_EQ(stat->resident_pages, 256U);
}

TEST(process_stat, refuses_other_text) {
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("4711 ingestor S 1"));
  EXPECT_FALSE(parse_process_stat("4711 (ingestor) S 1 2 3"));
}

TEST(process_metrics, are_those_of_this_process) {
  for (const auto& family : process_metrics()) {
    const auto& only = family.metric.at(0);
    const auto value =
        family.name == "process_cpu_seconds_total" ? only.counter.value + 1 : only.gauge.value;
    EXPECT_GT(value, 0) << family.name;
    if (family.name == "process_start_time_seconds") {
      EXPECT_GT(value, 1'600'000'000);
    }
  }
}

}  // namespace
}  // namespace ingestor::telemetry
