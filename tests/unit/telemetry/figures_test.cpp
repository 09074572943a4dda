#include "telemetry/figures.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace ingestor::telemetry {
namespace {

TEST(figures, separates_thousands) {
  EXPECT_EQ(with_separators(0), "0");
  EXPECT_EQ(with_separators(999), "999");
  EXPECT_EQ(with_separators(1000), "1,000");
  EXPECT_EQ(with_separators(1234567), "1,234,567");
  EXPECT_EQ(with_separators(std::numeric_limits<std::uint64_t>::max()),
            "18,446,744,073,709,551,615");
}

TEST(figures, shows_bytes_in_mebibytes) {
  EXPECT_EQ(mebibytes(0), "0.0 MiB");
  EXPECT_EQ(mebibytes(1U << 20U), "1.0 MiB");
  EXPECT_EQ(mebibytes((1U << 20U) * 3 / 2), "1.5 MiB");
  EXPECT_EQ(mebibytes((2U << 20U) - 1), "2.0 MiB");
  EXPECT_EQ(mebibytes(5ULL << 40U), "5,242,880.0 MiB");
  EXPECT_EQ(mebibytes(std::numeric_limits<std::uint64_t>::max()), "17,592,186,044,416.0 MiB");
}

TEST(figures, shows_measured_times) {
  EXPECT_EQ(seconds_text(0), "0.00 s");
  EXPECT_EQ(seconds_text(0.4249), "0.42 s");
  EXPECT_EQ(seconds_text(12.34), "12.3 s");
  EXPECT_EQ(seconds_text(4711.4), "4,711 s");
  EXPECT_EQ(seconds_text(-1), "0.00 s");
  EXPECT_EQ(seconds_text(std::numeric_limits<double>::quiet_NaN()), "0.00 s");
}

TEST(figures, shows_spans) {
  EXPECT_EQ(span_text(0.4), "0s");
  EXPECT_EQ(span_text(59.6), "1m 00s");
  EXPECT_EQ(span_text(80), "1m 20s");
  EXPECT_EQ(span_text(7500), "2h 05m");
  EXPECT_EQ(span_text(273600), "3d 04h");
  EXPECT_EQ(span_text(1e300), "36600d 00h");
  EXPECT_EQ(span_text(std::numeric_limits<double>::infinity()), "0s");
}

TEST(figures, shows_times) {
  EXPECT_EQ(time_text(timestamp{std::chrono::microseconds{1'767'268'800'999'999}}),
            "2026-01-01 12:00:00 UTC");
  EXPECT_EQ(time_text(timestamp{std::chrono::microseconds{-1}}), "1969-12-31 23:59:59 UTC");
}

TEST(figures, divides_by_no_time) {
  EXPECT_DOUBLE_EQ(per_second(100, 4), 25);
  EXPECT_DOUBLE_EQ(per_second(100, 0), 0);
}

}  // namespace
}  // namespace ingestor::telemetry
