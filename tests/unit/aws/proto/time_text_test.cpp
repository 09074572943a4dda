#include "aws/proto/time_text.hpp"

#include <gtest/gtest.h>

namespace ingestor::aws {
namespace {

using std::chrono::microseconds;

TEST(parse_iso8601, keeps_microseconds) {
  EXPECT_EQ(parse_iso8601("2009-10-12T17:50:30.000Z"), timestamp{microseconds{1255369830000000}});
  EXPECT_EQ(parse_iso8601("2009-10-12T17:50:30Z"), timestamp{microseconds{1255369830000000}});
  EXPECT_EQ(parse_iso8601("2009-10-12T17:50:30.1Z"), timestamp{microseconds{1255369830100000}});
  EXPECT_EQ(parse_iso8601("2009-10-12T17:50:30.123456789Z"),
            timestamp{microseconds{1255369830123456}});
  EXPECT_EQ(parse_iso8601("1969-12-31T23:59:59.999999Z"), timestamp{microseconds{-1}});
}

TEST(parse_iso8601, refuses_everything_else) {
  for (const auto* text :
       {"", "2009-10-12", "2009-10-12T17:50:30", "2009-10-12T17:50:30.Z", "2009-13-12T17:50:30Z",
        "2009-02-29T17:50:30Z", "2009-10-12T24:50:30Z", "2009-10-12T17:60:30Z",
        "2009-10-12 17:50:30Z", "2009-10-12T17:50:30+00:00", "2009-10-12T17:50:30.1234567890Z",
        "2009-10-12T17:50:30.12a4Z", "20o9-10-12T17:50:30Z", "-009-10-12T17:50:30Z"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
}

TEST(parse_http_date, reads_imf_fixdate) {
  EXPECT_EQ(parse_http_date("Mon, 12 Oct 2009 17:50:30 GMT"),
            timestamp{microseconds{1255369830000000}});
  for (const auto* text : {"", "Mon, 12 Oct 2009 17:50:30", "Mon, 12 Okt 2009 17:50:30 GMT",
                           "Monday, 12-Oct-09 17:50:30 GMT", "Mon, 12 Oct 2009 17:50:30 GMT "}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

}  // namespace
}  // namespace ingestor::aws
