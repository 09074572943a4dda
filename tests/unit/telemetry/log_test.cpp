#include "telemetry/log.hpp"

#include "capture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

namespace ingestor::telemetry {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;

log_time new_year() {
  return std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
}

log_options options_for(const capture& to) {
  return {.fd = to.fd(), .now = new_year};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(log, writes_lines_in_order) {
  const capture to;
  log lines{options_for(to)};
  lines.write(log_level::info, "one", {{"n", std::uint64_t{1}}});
  lines.write(log_level::warn, "two");
  ASSERT_TRUE(lines.flush(5s));
  EXPECT_EQ(to.text(),
            "2026-01-01T00:00:00.000Z INFO  one n=1\n"
            "2026-01-01T00:00:00.000Z WARN  two\n");
}

TEST(log, writes_json) {
  const capture to;
  auto options = options_for(to);
  options.format = log_format::json;
  log lines{options};
  lines.write(log_level::info, "one");
  ASSERT_TRUE(lines.flush(5s));
  EXPECT_EQ(to.text(), "{\"time\":1767225600000,\"level\":30,\"msg\":\"one\"}\n");
}

TEST(log, says_no_more_than_its_level) {
  const capture to;
  auto options = options_for(to);
  options.level = log_level::warn;
  log lines{options};
  EXPECT_TRUE(lines.shows(log_level::error));
  EXPECT_FALSE(lines.shows(log_level::info));
  lines.write(log_level::info, "hidden");
  lines.write(log_level::error, "shown");
  ASSERT_TRUE(lines.flush(5s));
  EXPECT_THAT(to.text(), EndsWith("ERROR shown\n"));
}

TEST(log, writes_what_is_queued_when_it_ends) {
  const capture to;
  {
    log lines{options_for(to)};
    for (int i = 0; i < 50; ++i) lines.write(log_level::info, "line");
  }
  EXPECT_EQ(lines_of(to.text()).size(), 50U);
}

TEST(log, counts_floods_of_one_message_and_shows_the_count) {
  const capture to;
  auto options = options_for(to);
  options.same_message_per_second_max = 3;
  {
    log lines{options};
    for (int i = 0; i < 10; ++i) lines.write(log_level::warn, "file failed");
    lines.write(log_level::info, "another");
  }
  const auto written = lines_of(to.text());
  ASSERT_EQ(written.size(), 5U);
  EXPECT_THAT(written[3], EndsWith("INFO  another"));
  EXPECT_THAT(written[4],
              HasSubstr("lines not shown message=\"file failed\" lines=7 within_seconds=0"));
}

TEST(log, does_not_limit_lines_for_debugging) {
  const capture to;
  auto options = options_for(to);
  options.level = log_level::debug;
  options.same_message_per_second_max = 3;
  {
    log lines{options};
    for (int i = 0; i < 10; ++i) lines.write(log_level::debug, "s3 request");
  }
  EXPECT_EQ(lines_of(to.text()).size(), 10U);
}

TEST(log, never_waits_for_a_reader_that_does_not_read) {
  const capture to;
  auto options = options_for(to);
  options.queue_lines_max = 16;
  options.same_message_per_second_max = 1'000'000;
  options.close_within = 100ms;
  const std::string text(1000, 'x');
  const auto begin = std::chrono::steady_clock::now();
  {
    log lines{options};
    for (int i = 0; i < 2000; ++i) lines.write(log_level::info, "line", {{"text", text}});
    EXPECT_GT(lines.dropped(), 1500U);
    EXPECT_FALSE(lines.flush(10ms));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(log, says_how_much_was_dropped_once_there_is_room) {
  const capture to;
  auto options = options_for(to);
  options.queue_lines_max = 16;
  options.same_message_per_second_max = 1'000'000;
  const std::string text(1000, 'x');
  log lines{options};
  for (int i = 0; i < 2000; ++i) lines.write(log_level::info, "line", {{"text", text}});
  std::string all;
  while (!lines.flush(20ms)) all += to.text();
  lines.write(log_level::info, "after");
  ASSERT_TRUE(lines.flush(5s));
  const auto written = lines_of(all + to.text());
  ASSERT_GE(written.size(), 2U);
  EXPECT_THAT(written.back(), EndsWith("INFO  after"));
  EXPECT_GT(lines.dropped(), 0U);
  const auto is_notice = [](const std::string& line) { return line.find("WARN") != line.npos; };
  const auto notices = std::count_if(written.begin(), written.end(), is_notice);
  const auto last = std::find_if(written.rbegin(), written.rend(), is_notice);
  ASSERT_NE(last, written.rend());
  EXPECT_THAT(*last, EndsWith("log lines dropped: nobody read them lines_since_start=" +
                              std::to_string(lines.dropped())));
  // A notice may be among the dropped.
  EXPECT_GE(written.size() - static_cast<std::size_t>(notices) + lines.dropped(), 2001U);
}

TEST(log, outlives_its_reader) {
  capture to;
  log lines{options_for(to)};
  to.close_reader();
  lines.write(log_level::info, "into the void");
  EXPECT_TRUE(lines.flush(5s));
  EXPECT_EQ(lines.dropped(), 1U);
}

TEST(log, keeps_the_status_line_below_the_lines) {
  const capture to;
  log lines{options_for(to)};
  lines.show_status("[=> ] 1/3");
  lines.write(log_level::info, "line");
  lines.show_status("[==>] 2/3");
  lines.show_status("");
  lines.write(log_level::info, "last");
  ASSERT_TRUE(lines.flush(5s));
  EXPECT_EQ(to.text(),
            "\x1b[?7l[=> ] 1/3\x1b[?7h\r"
            "\r \x1b[J\r2026-01-01T00:00:00.000Z INFO  line\n\x1b[?7l[=> ] 1/3\x1b[?7h\r"
            "\r \x1b[J\r\x1b[?7l[==>] 2/3\x1b[?7h\r"
            "\r \x1b[J\r"
            "2026-01-01T00:00:00.000Z INFO  last\n");
}

TEST(log, takes_the_status_line_away_when_it_ends) {
  const capture to;
  {
    log lines{options_for(to)};
    lines.show_status("[=> ]");
  }
  EXPECT_EQ(to.text(), "\x1b[?7l[=> ]\x1b[?7h\r\r \x1b[J\r");
}

}  // namespace
}  // namespace ingestor::telemetry
