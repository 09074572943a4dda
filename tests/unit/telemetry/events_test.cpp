#include "capture.hpp"
#include "telemetry/events/dependencies.hpp"
#include "telemetry/events/files.hpp"
#include "telemetry/events/lifecycle.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::telemetry {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using ::testing::HasSubstr;

class events : public ::testing::Test {
 protected:
  std::string written() {
    EXPECT_TRUE(lines_.flush(5s));
    return to_.text();
  }

  std::string metrics_text() const { return numbers_.text(); }

  static log_time epoch() { return log_time{}; }
  static constexpr const char* time = "1970-01-01T00:00:00.000Z ";

  capture to_;
  log lines_{{.level = log_level::trace, .fd = to_.fd(), .now = epoch}};
  metrics numbers_{"1"};
  recorder telemetry_{lines_, numbers_};
};

TEST_F(events, a_completed_file_is_one_line_and_all_its_counts) {
  const named_count rejected[] = {{"not_json", 2}, {"too_long", 1}};
  const named_count mismatches[] = {{"level", 4}};
  telemetry_.record(file_completed{.id = 12,
                                   .key = "a\n.gz",
                                   .rows = 100,
                                   .bytes_compressed = 1000,
                                   .bytes_inflated = 5000,
                                   .seconds = 0.5,
                                   .commit_lag_seconds = 42,
                                   .lines_rejected = rejected,
                                   .field_mismatches = mismatches,
                                   .timestamps_missing = 3,
                                   .strings_repaired = 0});
  EXPECT_EQ(written(), time +
                           "INFO  file completed id=12 key=\"a\\n.gz\" rows=100 "
                           "lines_rejected=3 bytes_compressed=1000 bytes_inflated=5000 "
                           "seconds=0.5 commit_lag_seconds=42 not_json=2 too_long=1 "
                           "field_mismatches=4 "
                           "timestamps_missing=3\n"s);
  const auto text = metrics_text();
  EXPECT_THAT(text, HasSubstr("ingestor_files_processed_total{result=\"completed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_rows_total 100\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_lines_rejected_total{reason=\"not_json\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_lines_rejected_total{reason=\"too_long\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_field_mismatches_total{column=\"level\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_bytes_total{stage=\"compressed\"} 1000\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_bytes_total{stage=\"inflated\"} 5000\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_commit_lag_seconds_bucket{le=\"30\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_commit_lag_seconds_bucket{le=\"60\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_timestamps_missing_total 3\n"));
  const auto done = numbers_.done();
  EXPECT_EQ(done.files_completed, 1U);
  EXPECT_EQ(done.rows, 100U);
  EXPECT_EQ(done.lines_rejected, 3U);
  EXPECT_EQ(done.bytes_inflated, 5000U);
}

TEST_F(events, a_failed_file_says_when_it_is_tried_again) {
  file_failed failed{.id = 7,
                     .key = "b.gz",
                     .stage = "inflate",
                     .error = "the data ends early",
                     .attempt = 1,
                     .attempts_max = 5,
                     .next_attempt_in = 30};
  telemetry_.record(failed);
  EXPECT_EQ(written(), time +
                           "WARN  file failed id=7 key=\"b.gz\" stage=\"inflate\" "
                           "error=\"the data ends early\" attempt=1 attempts_max=5 "
                           "next_attempt_in_seconds=30\n"s);
  failed.next_attempt_in.reset();
  telemetry_.record(failed);
  EXPECT_THAT(written(), HasSubstr("ERROR file failed"));
  EXPECT_THAT(metrics_text(), HasSubstr("ingestor_files_processed_total{result=\"failed\"} 2\n"));
}

TEST_F(events, claims_count_by_outcome) {
  telemetry_.record(claimed{.files = 10, .bytes = 4096});
  telemetry_.record(claimed{});
  EXPECT_THAT(written(), HasSubstr("DEBUG claimed files=10 bytes=4096\n"));
  EXPECT_THAT(metrics_text(), HasSubstr("ingestor_claims_total{outcome=\"claimed\"} 1\n"));
  EXPECT_THAT(metrics_text(), HasSubstr("ingestor_claims_total{outcome=\"empty\"} 1\n"));
}

TEST_F(events, of_one_file_name_it) {
  telemetry_.record(file_claimed{.id = 7, .key = "k", .bytes = 12, .attempts = 1});
  telemetry_.record(file_opened{.id = 7, .key = "k", .with_care = true});
  telemetry_.record(s3_request{.id = 7, .key = "k", .operation = "GetObject", .code = "206"});
  telemetry_.record(s3_resumed{.id = 7, .key = "k", .from_byte = 5});
  telemetry_.record(s3_throttled{.operation = "GetObject", .id = 7, .key = "k"});
  EXPECT_EQ(written(), time + "DEBUG file claimed id=7 key=\"k\" bytes=12 attempts=1\n"s + time +
                           "DEBUG file opened id=7 key=\"k\" with_care=true\n" + time +
                           "DEBUG s3 request id=7 key=\"k\" operation=\"GetObject\" "
                           "code=\"206\" seconds=0\n" +
                           time + "DEBUG s3 body resumed id=7 key=\"k\" from_byte=5\n" + time +
                           "WARN  s3 asks to slow down id=7 key=\"k\" operation=\"GetObject\"\n");
  EXPECT_THAT(metrics_text(), HasSubstr("ingestor_s3_resumes_total 1\n"));
}

TEST_F(events, other_news_of_files) {
  telemetry_.record(discovery_finished{
      .objects_listed = 1000, .files_queued = 250, .objects_changed = 1, .seconds = 2});
  telemetry_.record(discovery_finished{.objects_listed = 1000, .seconds = 2});
  telemetry_.record(file_released{.id = 1, .key = "k", .reason = "stopping"});
  telemetry_.record(lease_lost{.id = 2, .key = "k"});
  telemetry_.record(heartbeat{.files = 4, .seconds = 0.002});
  EXPECT_EQ(written(),
            time +
                "INFO  discovery finished objects_listed=1000 files_queued=250 "
                "objects_changed=1 seconds=2\n"s +
                time +
                "DEBUG discovery finished objects_listed=1000 files_queued=0 objects_changed=0 "
                "seconds=2\n" +
                time + "INFO  file released id=1 key=\"k\" reason=\"stopping\"\n" + time +
                "WARN  lease lost id=2 key=\"k\"\n" + time +
                "DEBUG heartbeat files=4 seconds=0.002\n");
  EXPECT_THAT(metrics_text(), HasSubstr("ingestor_lease_lost_total 1\n"));
}

TEST_F(events, s3) {
  telemetry_.record(s3_request{.operation = "GetObject", .code = "206", .seconds = 0.02});
  telemetry_.record(s3_throttled{.operation = "GetObject"});
  EXPECT_EQ(written(), time +
                           "DEBUG s3 request operation=\"GetObject\" code=\"206\" seconds=0.02\n"s +
                           time + "WARN  s3 asks to slow down operation=\"GetObject\"\n");
  const auto text = metrics_text();
  EXPECT_THAT(text,
              HasSubstr("ingestor_s3_requests_total{code=\"206\",operation=\"GetObject\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_s3_request_duration_seconds_count 1\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_s3_throttled_total 1\n"));
}

TEST_F(events, the_database) {
  telemetry_.record(copy_finished{.rows = 10, .bytes = 4096, .seconds = 0.2});
  telemetry_.record(pool_waited{.seconds = 0.2});
  telemetry_.record(pool_changed{.idle = 1, .busy = 3, .connecting = 0});
  telemetry_.record(buffers_changed{.bytes = 8192});
  EXPECT_EQ(written(), time + "DEBUG copy finished rows=10 bytes=4096 seconds=0.2\n"s);
  const auto text = metrics_text();
  EXPECT_THAT(text, HasSubstr("ingestor_bytes_total{stage=\"copied\"} 4096\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_copy_duration_seconds_sum 0.2\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_db_pool_wait_seconds_count 1\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_db_pool_connections{state=\"busy\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("ingestor_buffer_bytes 8192\n"));
}

TEST_F(events, trouble_begins_and_ends) {
  telemetry_.record(trouble_began{.what = dependency::database, .error = "connection refused"});
  EXPECT_THAT(metrics_text(), HasSubstr("ingestor_dependency_usable{dependency=\"database\"} 0\n"));
  telemetry_.record(trouble_changed{.what = dependency::database, .error = "time-out"});
  telemetry_.record(trouble_ended{.what = dependency::database, .seconds = 12, .failures = 3});
  EXPECT_THAT(metrics_text(), HasSubstr("ingestor_dependency_usable{dependency=\"database\"} 1\n"));
  EXPECT_EQ(written(),
            time +
                "ERROR trouble began: waiting for it to end what=\"database\" "
                "error=\"connection refused\"\n"s +
                time +
                "WARN  trouble goes on with another error what=\"database\" error=\"time-out\"\n" +
                time + "INFO  trouble ended what=\"database\" seconds=12 failures=3\n");
}

TEST_F(events, the_life_of_the_process) {
  telemetry_.record(started{.command = "run", .version = "1", .replica = "web-1"});
  telemetry_.record(listening{.address = "http://0.0.0.0:8080"});
  telemetry_.record(schema_migrated{.applied = 2, .version = 2, .seconds = 0.1});
  telemetry_.record(schema_migrated{.applied = 0, .version = 2, .seconds = 0.1});
  telemetry_.record(stopping{.reason = "SIGTERM", .grace_seconds = 25});
  telemetry_.record(stopped{.seconds = 60, .exit_code = 0});
  EXPECT_EQ(written(), time + "INFO  started command=\"run\" version=\"1\" as=\"web-1\"\n"s + time +
                           "INFO  listening address=\"http://0.0.0.0:8080\"\n" + time +
                           "INFO  schema migrated applied=2 version=2 seconds=0.1\n" + time +
                           "DEBUG schema is up to date applied=0 version=2 seconds=0.1\n" + time +
                           "INFO  stopping reason=\"SIGTERM\" grace_seconds=25\n" + time +
                           "INFO  stopped exit_code=0 seconds=60\n");
}

TEST_F(events, dropped_log_lines_are_counted) {
  to_.close_reader();
  telemetry_.record(listening{.address = "x"});
  ASSERT_TRUE(lines_.flush(5s));
  telemetry_.record(pool_waited{});
  EXPECT_THAT(metrics_text(), HasSubstr("ingestor_log_lines_dropped_total 1\n"));
}

}  // namespace
}  // namespace ingestor::telemetry
