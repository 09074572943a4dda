#include "telemetry/progress.hpp"

#include "capture.hpp"
#include "telemetry/log.hpp"
#include "telemetry/progress_display.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ingestor::telemetry {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;

progress half_done() {
  return {.files_done = 120,
          .files_failed = 0,
          .files_total = 250,
          .objects_listed = 250,
          .rows = 1'234'567,
          .bytes_done = 500,
          .bytes_total = 1000,
          .seconds = 20};
}

TEST(progress_bar, shows_files_rows_rate_and_time_left) {
  EXPECT_EQ(progress_bar(half_done(), 80),
            "[=========>        ] 50%  120/250 files  1,234,567 rows  61,728 rows/s  20s left");
}

TEST(progress_bar, shows_failures) {
  auto now = half_done();
  now.files_failed = 3;
  EXPECT_THAT(progress_bar(now, 120), HasSubstr("120/250 files  3 failed  1,234,567 rows"));
}

TEST(progress_bar, fits_every_width) {
  for (std::size_t columns = 0; columns <= 200; ++columns) {
    const auto bar = progress_bar(half_done(), columns);
    EXPECT_LE(bar.size(), columns);
    EXPECT_TRUE(std::all_of(bar.begin(), bar.end(), [](char c) { return c >= ' ' && c < '\x7f'; }));
  }
  EXPECT_EQ(progress_bar(half_done(), 40), "50%  120/250 files  1,234,567 rows");
  EXPECT_EQ(progress_bar(half_done(), 5), "50%");
}

TEST(progress_bar, is_full_at_the_end_only) {
  auto now = half_done();
  now.bytes_done = 999;
  EXPECT_THAT(progress_bar(now, 100), HasSubstr(">] 99%"));
  now.bytes_done = 1000;
  EXPECT_THAT(progress_bar(now, 100), HasSubstr("==] 100%"));
}

TEST(progress_bar, counts_objects_while_it_lists) {
  EXPECT_EQ(
      progress_bar({.files_done = 40, .objects_listed = 12000, .rows = 900, .seconds = 3}, 80),
      "listing: 12,000 objects  40 files  900 rows  300 rows/s");
}

TEST(progress, counts_files_where_no_bytes_are_known) {
  EXPECT_DOUBLE_EQ(share_done({.files_done = 1, .files_total = 4}), 0.25);
  EXPECT_DOUBLE_EQ(share_done({}), 0);
  EXPECT_DOUBLE_EQ(share_done({.bytes_done = 11, .bytes_total = 10}), 1);
}

TEST(progress, does_not_guess_the_time_left) {
  EXPECT_EQ(time_left({.files_total = 4, .seconds = 9}), std::nullopt);
  EXPECT_EQ(time_left({.files_done = 1, .files_total = 4, .seconds = 0.5}), std::nullopt);
  EXPECT_EQ(time_left({.files_done = 4, .files_total = 4, .seconds = 9}), std::nullopt);
  EXPECT_DOUBLE_EQ(time_left({.files_done = 1, .files_total = 4, .seconds = 9}).value_or(0), 27);
}

class display : public ::testing::Test {
 protected:
  std::string written() {
    EXPECT_TRUE(lines_.flush(5s));
    return to_.text();
  }

  const progress_display::time_point start_{100s};
  capture to_;
  log lines_{{.fd = to_.fd()}};
};

TEST_F(display, redraws_at_most_ten_times_a_second) {
  progress_display shown{lines_, [] { return 60; }};
  shown.update(half_done(), start_);
  const auto first = written();
  EXPECT_EQ(first, progress_bar(half_done(), 59));
  shown.update(half_done(), start_ + 99ms);
  EXPECT_EQ(written(), "");
  shown.update(half_done(), start_ + 100ms);
  EXPECT_EQ(written(), "\r\x1b[K" + first);
  shown.clear();
  EXPECT_EQ(written(), "\r\x1b[K");
}

TEST_F(display, follows_the_width_of_the_window) {
  std::size_t columns = 80;
  progress_display shown{lines_, [&] { return columns; }};
  shown.update(half_done(), start_);
  written();
  columns = 20;
  shown.update(half_done(), start_ + 1s);
  EXPECT_EQ(written(), "\r\x1b[K50%  120/250 files");
}

TEST_F(display, writes_a_line_every_five_seconds_elsewhere) {
  progress_display shown{lines_, [] { return std::nullopt; }};
  shown.update(half_done(), start_);
  shown.update(half_done(), start_ + 4999ms);
  EXPECT_EQ(written(), "");
  shown.update(half_done(), start_ + 5s);
  EXPECT_THAT(written(),
              EndsWith("INFO  progress files_done=120 files_total=250 files_failed=0 rows=1234567 "
                       "rows_per_second=61728.35 seconds_left=20\n"));
  shown.clear();
  EXPECT_EQ(written(), "");
}

TEST_F(display, a_pipe_is_no_terminal) {
  EXPECT_EQ(terminal_columns(to_.fd()), std::nullopt);
}

}  // namespace
}  // namespace ingestor::telemetry
