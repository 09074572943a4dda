#include "telemetry/status_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tao/json.hpp>

#include <sstream>

namespace ingestor::telemetry {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const timestamp noon{std::chrono::seconds{1'767'268'800}};

ledger_figures usual() {
  ledger_figures seen{};
  seen.files = {.pending = 3, .processing = 2, .completed = 1'234, .failed = 2};
  seen.oldest_pending_age = 7500;
  seen.rows = 12'345'678;
  seen.lines_rejected = 1;
  seen.taken_at = noon;
  seen.failures = {{.bucket = "my-logs",
                    .key = "app/bad.gz",
                    .error = "the gzip stream ends early",
                    .stage = "inflate",
                    .attempts = 1,
                    .next_attempt_at = noon + 80s},
                   {.bucket = "my-logs",
                    .key = "app/worse.gz",
                    .error = "not there",
                    .stage = "fetch",
                    .attempts = 5,
                    .next_attempt_at = {}}};
  seen.replicas = {{.name = "web-1-4711", .files = 2, .lease_expires_at = noon + 60s}};
  return seen;
}

std::size_t widest_line(const std::string& text) {
  std::istringstream lines{text};
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

TEST(status_report, reads_well) {
  EXPECT_EQ(status_text(usual(), "s3://my-logs/app/"),
            "s3://my-logs/app/\n"
            "as of 2026-01-01 12:00:00 UTC\n"
            "\n"
            "pending     3, the oldest for 2h 05m\n"
            "processing  2\n"
            "completed   1,234\n"
            "failed      2\n"
            "rows        12,345,678\n"
            "rejected    1 line\n"
            "\n"
            "failed files, the latest first\n"
            "  app/bad.gz\n"
            "      inflate, attempt 1: the gzip stream ends early\n"
            "      is tried again in 1m 20s, at 2026-01-01 12:01:20 UTC\n"
            "  app/worse.gz\n"
            "      fetch, attempt 5: not there\n"
            "      stays failed until `ingestor retry`\n"
            "\n"
            "replicas at work\n"
            "  web-1-4711\n"
            "      2 files, lease until 2026-01-01 12:01:00 UTC\n");
}

TEST(status_report, says_little_of_an_empty_ledger) {
  ledger_figures seen{};
  seen.taken_at = noon;
  EXPECT_EQ(status_text(seen, "s3://my-logs/"),
            "s3://my-logs/\nas of 2026-01-01 12:00:00 UTC\n\npending     0\nprocessing  0\n"
            "completed   0\nfailed      0\nrows        0\nrejected    0 lines\n");
}

TEST(status_report, shows_completed_objects_that_have_changed) {
  auto seen = usual();
  seen.objects_changed = 1'234;
  EXPECT_THAT(status_text(seen, ""),
              HasSubstr("\noverwritten 1,234, changed since they were completed\n"));
}

TEST(status_report, says_that_there_are_more_failures_than_it_shows) {
  auto seen = usual();
  seen.files.failed = 1'000;
  EXPECT_THAT(status_text(seen, ""), HasSubstr("the latest 2 of 1,000 failed files"));
}

TEST(status_report, tells_what_is_late) {
  auto seen = usual();
  seen.failures[0].next_attempt_at = noon - 1s;
  seen.replicas[0].lease_expires_at = noon - 1s;
  const auto text = status_text(seen, "");
  EXPECT_THAT(text, HasSubstr("is due to be tried again"));
  EXPECT_THAT(text, HasSubstr("lease ran out at 2026-01-01 11:59:59 UTC"));
}

TEST(status_report, tells_a_failure_of_which_little_is_known) {
  auto seen = usual();
  seen.failures[0] = {};
  EXPECT_THAT(status_text(seen, ""), HasSubstr("      failed: no reason was recorded\n"));
}

TEST(status_report, breaks_long_lines_and_cuts_long_errors) {
  auto seen = usual();
  for (int word = 0; word < 200; ++word) seen.failures[0].error += " again";
  const auto text = status_text(seen, "");
  EXPECT_LE(widest_line(text), report_columns);
  EXPECT_GT(widest_line(text), report_columns - 10);
  EXPECT_THAT(text, HasSubstr("…"));
  EXPECT_LT(text.size(), 1'200U);
}

TEST(status_report, leaves_a_long_key_and_a_long_word_whole) {
  auto seen = usual();
  const std::string lengthy(300, 'k');
  seen.failures[0].key = lengthy;
  seen.failures[0].error = "of " + lengthy + " indeed";
  const auto text = status_text(seen, "");
  EXPECT_THAT(text, HasSubstr("  " + lengthy + "\n"));
  EXPECT_THAT(text, HasSubstr("attempt 1: of\n      " + lengthy + "\n      indeed\n"));
}

TEST(status_report, does_not_steer_a_terminal) {
  auto seen = usual();
  seen.failures[0].key = "evil\x1b[31m\n\x07\xc2\x9b";
  seen.failures[0].error = "cursed\x1b[2J\r";
  seen.failures[0].stage = "\x1b";
  seen.replicas[0].name = "\x1b]0;x\x07";
  for (const auto& text : {status_text(seen, ""), status_json(seen)}) {
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\x07")));
    EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
  }
}

TEST(status_report, has_the_documented_json_shape) {
  auto seen = usual();
  seen.objects_changed = 6;
  seen.failures.resize(1);
  seen.failures[0].next_attempt_at = noon + 1us;
  EXPECT_EQ(
      status_json(seen),
      R"({"files":{"pending":3,"processing":2,"completed":1234,"failed":2},)"
      R"("overwritten":6,"oldest_pending_age_seconds":7500.000,"rows":12345678,"lines_rejected":1,)"
      R"("newest_row_at":null,"last_completed_at":null,)"
      R"("failures":[{"bucket":"my-logs","key":"app/bad.gz",)"
      R"("error":"the gzip stream ends early","stage":"inflate","attempts":1,)"
      R"("next_attempt_at":"2026-01-01T12:00:00.000001Z"}],)"
      R"("rejects":[],)"
      R"("replicas":[{"name":"web-1-4711","files":2,)"
      R"("lease_expires_at":"2026-01-01T12:01:00.000000Z"}]})"
      "\n");
}

TEST(status_report, json_has_null_where_there_is_nothing) {
  auto seen = usual();
  seen.oldest_pending_age.reset();
  seen.replicas[0].lease_expires_at.reset();
  const auto json = tao::json::from_string(status_json(seen));
  EXPECT_TRUE(json.at("oldest_pending_age_seconds").is_null());
  EXPECT_TRUE(json.at("failures").at(1).at("next_attempt_at").is_null());
  EXPECT_TRUE(json.at("replicas").at(0).at("lease_expires_at").is_null());
}

TEST(status_report, json_has_texts_as_they_are) {
  auto seen = usual();
  const std::string key =
      "a \"key\" \\ with\n\x01\x1b\x7f\xc2\x85 and é🙂 " + std::string(3000, 'x');
  seen.failures[0].key = key;
  const auto json = tao::json::from_string(status_json(seen));
  EXPECT_EQ(json.at("failures").at(0).at("key").get_string(), key);
}

}  // namespace
}  // namespace ingestor::telemetry
