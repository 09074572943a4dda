#include "normalise/time_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::normalise {
namespace {

constexpr std::int64_t epoch = 946'684'800'000'000;  // 2000-01-01 since 1970

/// Microseconds since 1970, or nothing.
std::optional<std::int64_t> micros(std::optional<database_time> at) {
  if (!at) return std::nullopt;
  return at->microseconds + epoch;
}

TEST(time_from_milliseconds, is_exact_in_any_notation) {
  EXPECT_EQ(micros(time_from_milliseconds("1795446492029")), 1'795'446'492'029'000);
  EXPECT_EQ(micros(time_from_milliseconds("1795446492029.123")), 1'795'446'492'029'123);
  EXPECT_EQ(micros(time_from_milliseconds("1.795446492029123e12")), 1'795'446'492'029'123);
  EXPECT_EQ(micros(time_from_milliseconds("17954464920291230E-4")), 1'795'446'492'029'123);
  EXPECT_EQ(micros(time_from_milliseconds("2e+3")), 2'000'000);
  EXPECT_EQ(micros(time_from_milliseconds("0.001")), 1);
  EXPECT_EQ(micros(time_from_milliseconds("0")), 0);
  EXPECT_EQ(micros(time_from_milliseconds("-0.0")), 0);
  EXPECT_EQ(micros(time_from_milliseconds("0e999")), 0);
}

TEST(time_from_milliseconds, cuts_digits_beyond_microseconds) {
  EXPECT_EQ(micros(time_from_milliseconds("1.0019999")), 1001);
  EXPECT_EQ(micros(time_from_milliseconds("-1.0019999")), -1001);
  EXPECT_EQ(micros(time_from_milliseconds("0.0009")), 0);
  EXPECT_EQ(micros(time_from_milliseconds("5e-1000")), 0);
}

TEST(time_from_milliseconds, holds_what_timestamptz_holds) {
  EXPECT_EQ(time_from_milliseconds("9224318015999999.999")->microseconds,
            9'223'371'331'199'999'999);
  EXPECT_FALSE(time_from_milliseconds("9224318016000000"));
  EXPECT_EQ(micros(time_from_milliseconds("-210866803200000")), -210'866'803'200'000'000);
  EXPECT_FALSE(time_from_milliseconds("-210866803200000.001"));
  EXPECT_FALSE(time_from_milliseconds("1e400"));
  EXPECT_FALSE(time_from_milliseconds("-1e17"));
  EXPECT_FALSE(time_from_milliseconds("18446744073709551616"));
  EXPECT_FALSE(time_from_milliseconds(std::string(1000, '9')));
}

TEST(database_time, saturates_where_timestamp_ends) {
  EXPECT_EQ(time_from_milliseconds("9224318015999999")->as_timestamp(), timestamp::max());
  EXPECT_EQ(time_from_milliseconds("-1")->as_timestamp().time_since_epoch().count(), -1000);
}

TEST(time_from_rfc3339, reads_offsets_cases_and_fractions) {
  const std::int64_t at = 1'700'000'000'000'000;  // 2023-11-14T22:13:20Z
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14T22:13:20Z")), at);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14t22:13:20z")), at);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14 22:13:20Z")), at);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-15T03:58:20+05:45")), at);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14T14:13:20-08:00")), at);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14T22:13:20-00:00")), at);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14T22:13:20.5Z")), at + 500'000);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14T22:13:20.123456Z")), at + 123'456);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14T22:13:20.1234569+00:00")), at + 123'456);
  EXPECT_EQ(micros(time_from_rfc3339("2023-11-14T22:13:20." + std::string(5000, '9') + "Z")),
            at + 999'999);
}

TEST(time_from_rfc3339, knows_the_calendar) {
  EXPECT_EQ(micros(time_from_rfc3339("1970-01-01T00:00:00Z")), 0);
  EXPECT_EQ(micros(time_from_rfc3339("1969-12-31T23:59:58.25Z")), -1'750'000);
  EXPECT_EQ(micros(time_from_rfc3339("2024-02-29T00:00:00Z")), 1'709'164'800'000'000);
  EXPECT_EQ(micros(time_from_rfc3339("2000-02-29T00:00:00Z")), 951'782'400'000'000);
  EXPECT_EQ(micros(time_from_rfc3339("0000-01-01T00:00:00Z")), -62'167'219'200'000'000);
  EXPECT_EQ(micros(time_from_rfc3339("9999-12-31T23:59:59.999999-23:59")),
            253'402'300'799'999'999 + (23 * 60 + 59) * 60'000'000LL);
  // A leap second is the first second of the next minute, as PostgreSQL reads it.
  EXPECT_EQ(micros(time_from_rfc3339("2016-12-31T23:59:60Z")), 1'483'228'800'000'000);
}

TEST(time_from_rfc3339, refuses_everything_else) {
  for (const auto* text : {
           "",
           "2023",
           "2023-11-14",
           "2023-11-14T22:13:20",
           "2023-11-14T22:13Z",
           "22:13:20Z",
           "2023-11-14T22:13:20.Z",
           "2023-11-14T22:13:20,5Z",
           "2023-11-14T22:13:20Z ",
           " 2023-11-14T22:13:20Z",
           "2023-11-14T22:13:20+0545",
           "2023-11-14T22:13:20+05",
           "2023-11-14T22:13:20+24:00",
           "2023-11-14T22:13:20+05:60",
           "2023-11-14T24:00:00Z",
           "2023-11-14T22:60:20Z",
           "2023-11-14T22:13:61Z",
           "2023-13-14T22:13:20Z",
           "2023-00-14T22:13:20Z",
           "2023-11-31T22:13:20Z",
           "2023-11-00T22:13:20Z",
           "2023-02-29T22:13:20Z",
           "1900-02-29T22:13:20Z",
           "12023-11-14T22:13:20Z",
           "+023-11-14T22:13:20Z",
           "2023-1-14T22:13:20Z",
           "2023/11/14T22:13:20Z",
           "1700000000000",
           "now",
           "infinity",
           "-infinity",
           "2023-11-14T22:13:20Z\xc3\xa9",
       }) {
    EXPECT_FALSE(time_from_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace ingestor::normalise
