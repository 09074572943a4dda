#include "telemetry/progress.hpp"

#include "capture.hpp"
#include "telemetry/log.hpp"
#include "telemetry/progress_display.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace ingestor::telemetry {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30U;

progress half_done() {
  return {.files_done = 120,
          .files_failed = 0,
          .files_total = 250,
          .objects_listed = 250,
          .rows = 1'234'567,
          .bytes_done = gibibyte + gibibyte / 5,
          .bytes_total = 2 * (gibibyte + gibibyte / 5)};
}

const pace steady{.rows_per_second = 61'728.3, .seconds_left = 20};

TEST(progress_bar, shows_files_bytes_rate_and_time_left) {
  EXPECT_EQ(progress_bar(half_done(), steady, 79),
            "[======>      ] 50%  120/250 files  1.2/2.4 GiB  61,728 rows/s  20s left");
  EXPECT_THAT(progress_bar(half_done(), steady, 199), EndsWith("  20s left  1,234,567 rows"));
}

TEST(progress_bar, shows_failures) {
  auto now = half_done();
  now.files_failed = 3;
  EXPECT_THAT(progress_bar(now, steady, 120), HasSubstr("120/250 files  3 failed  1.2/2.4 GiB"));
}

TEST(progress_bar, says_what_all_wait_for) {
  auto now = half_done();
  now.waits_for = "the database";
  EXPECT_THAT(progress_bar(now, steady, 79), HasSubstr("250 files  waiting for the database  1.2"));
}

TEST(progress_bar, names_bytes_by_the_unit_of_the_total) {
  auto now = half_done();
  now.bytes_done = 1000;
  now.bytes_total = 1023;
  EXPECT_THAT(progress_bar(now, steady, 120), HasSubstr("  1000/1023 bytes  "));
  now.bytes_total = 1024;
  EXPECT_THAT(progress_bar(now, steady, 120), HasSubstr("  1.0/1.0 KiB  "));
  now.bytes_total = 5 * 1024 * gibibyte;
  EXPECT_THAT(progress_bar(now, steady, 120), HasSubstr("  0.0/5.0 TiB  "));
  now.bytes_done = 6 * 1024 * gibibyte;  // some were read twice
  EXPECT_THAT(progress_bar(now, steady, 120), HasSubstr("  5.0/5.0 TiB  "));
}

TEST(progress_bar, fits_every_width) {
  for (std::size_t columns = 0; columns <= 200; ++columns) {
    const auto bar = progress_bar(half_done(), steady, columns);
    EXPECT_LE(bar.size(), columns);
    EXPECT_TRUE(std::all_of(bar.begin(), bar.end(), [](char c) { return c >= ' ' && c < '\x7f'; }));
  }
  EXPECT_EQ(progress_bar(half_done(), steady, 40), "50%  120/250 files  1.2/2.4 GiB");
  EXPECT_EQ(progress_bar(half_done(), steady, 5), "50%");
}

TEST(progress_bar, is_full_at_the_end_only) {
  auto now = half_done();
  now.bytes_done = now.bytes_total;
  EXPECT_THAT(progress_bar(now, steady, 100), HasSubstr(">] 99%"));
  now.files_done = now.files_total;
  EXPECT_THAT(progress_bar(now, steady, 100), HasSubstr("==] 100%"));
}

TEST(progress_bar, counts_objects_while_it_lists) {
  EXPECT_EQ(progress_bar({.files_done = 40, .objects_listed = 12000, .rows = 900},
                         {.rows_per_second = 300}, 80),
            "listing: 12,000 objects  40 files  300 rows/s  900 rows");
}

TEST(progress, counts_files_where_no_bytes_are_known) {
  EXPECT_DOUBLE_EQ(share_done({.files_done = 1, .files_total = 4}), 0.25);
  EXPECT_DOUBLE_EQ(share_done({}), 0);
  EXPECT_LT(share_done({.files_total = 1, .bytes_done = 11, .bytes_total = 10}), 1);
}

class pace_of_time : public ::testing::Test {
 protected:
  // The work goes on at this speed for so long.
  void go_on(double share_a_second, double rows_a_second, std::chrono::seconds lasting) {
    for (const auto end = now_ + lasting; now_ < end; now_ += 100ms) {
      const auto done = static_cast<std::uint64_t>(share_ * total);
      last_ = measure_.see(static_cast<std::uint64_t>(rows_), done, total_known_ ? total : 0, now_);
      jump_ = std::max(jump_, jump());
      share_ += share_a_second / 10;
      rows_ += rows_a_second / 10;
    }
  }

  static constexpr std::uint64_t total = 1'000'000;

  bool total_known_ = true;
  steady_time now_{100s};
  progress_pace measure_;
  pace last_;
  double jump_ = 0;

 private:
  // How far the time left was from what the look before had promised.
  double jump() {
    const auto before = before_;
    before_ = last_.seconds_left;
    return before && before_ ? std::abs(*before_ - *before) : 0;
  }

  double share_ = 0;
  double rows_ = 0;
  std::optional<double> before_;
};

TEST_F(pace_of_time, is_that_of_the_last_seconds) {
  go_on(0.001, 100, 60s);
  EXPECT_NEAR(last_.rows_per_second, 100, 1);
  go_on(0.001, 5000, 12s);
  EXPECT_NEAR(last_.rows_per_second, 5000, 250);
  go_on(0.001, 0, 12s);
  EXPECT_NEAR(last_.rows_per_second, 0, 1);
}

TEST_F(pace_of_time, tells_the_time_left_once_it_is_no_guess) {
  go_on(0.01, 10, 2s);
  EXPECT_EQ(last_.seconds_left, std::nullopt);
  go_on(0.01, 10, 8s);
  EXPECT_NEAR(last_.seconds_left.value_or(0), 90, 2);
}

TEST_F(pace_of_time, is_not_deceived_by_what_was_done_before_the_total_was_known) {
  total_known_ = false;
  go_on(0.01, 10, 40s);
  EXPECT_EQ(last_.seconds_left, std::nullopt);
  total_known_ = true;
  go_on(0.01, 10, 4s);
  EXPECT_NEAR(last_.seconds_left.value_or(0), 56, 2);
}

TEST_F(pace_of_time, does_not_jump_when_the_speed_does) {
  go_on(0.002, 10, 30s);
  EXPECT_NEAR(last_.seconds_left.value_or(0), 470, 5);
  jump_ = 0;
  go_on(0.004, 10, 60s);
  EXPECT_LT(jump_, 20);
  EXPECT_NEAR(last_.seconds_left.value_or(0), 175, 10);
}

TEST_F(pace_of_time, promises_nothing_while_nothing_moves) {
  go_on(0.01, 10, 20s);
  EXPECT_NE(last_.seconds_left, std::nullopt);
  go_on(0, 10, 20s);
  EXPECT_EQ(last_.seconds_left, std::nullopt);
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
  EXPECT_EQ(first, "\x1b[?7l" + progress_bar(half_done(), {}, 59) + "\x1b[?7h\r");
  shown.update(half_done(), start_ + 99ms);
  EXPECT_EQ(written(), "");
  shown.update(half_done(), start_ + 100ms);
  EXPECT_EQ(written(), "\r \x1b[J\r" + first);
  shown.clear();
  EXPECT_EQ(written(), "\r \x1b[J\r");
}

TEST_F(display, follows_the_width_of_the_window) {
  std::size_t columns = 80;
  progress_display shown{lines_, [&] { return columns; }};
  shown.update(half_done(), start_);
  written();
  columns = 20;
  shown.update(half_done(), start_ + 1s);
  EXPECT_EQ(written(), "\r \x1b[J\r\x1b[?7l50%  120/250 files\x1b[?7h\r");
}

TEST_F(display, writes_a_line_every_five_seconds_elsewhere) {
  progress_display shown{lines_, [] { return std::nullopt; }};
  shown.update(half_done(), start_);
  shown.update(half_done(), start_ + 4s);
  EXPECT_EQ(written(), "");
  auto later = half_done();
  later.rows += 50;
  later.files_done = 121;
  shown.update(later, start_ + 5s);
  EXPECT_THAT(written(), EndsWith("INFO  progress files_done=121 files_total=250 files_failed=0 "
                                  "bytes_done=1288490188 bytes_total=2576980376 rows=1234617 "
                                  "rows_per_second=10\n"));
  shown.clear();
  EXPECT_EQ(written(), "");
}

TEST_F(display, says_in_lines_too_that_it_still_lists) {
  progress_display shown{lines_, [] { return std::nullopt; }};
  shown.update({}, start_);
  shown.update({.objects_listed = 7000, .waits_for = "S3"}, start_ + 5s);
  EXPECT_THAT(written(), HasSubstr("INFO  listing files_done=0 objects_listed=7000 "));
}

TEST_F(display, a_pipe_is_no_terminal) {
  EXPECT_EQ(terminal_columns(to_.fd()), std::nullopt);
}

}  // namespace
}  // namespace ingestor::telemetry
