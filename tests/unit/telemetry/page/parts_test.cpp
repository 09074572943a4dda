// The small parts that the page is made of: texts, charts, the command that retries.
#include "telemetry/page/charts.hpp"
#include "telemetry/page/retry_command.hpp"
#include "telemetry/page/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace ingestor::telemetry::page {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const timestamp noon{std::chrono::seconds{1'767'268'800}};

TEST(page_text, marks_what_cannot_be_seen) {
  EXPECT_EQ(name("a\xe2\x80\xae"
                 "b\n"),
            "<bdi dir=\"ltr\">a<i>U+202E</i>b<i>U+000A</i></bdi>");
  EXPECT_EQ(prose("a\n\x1b<", 100), "a\n<i>U+001B</i>&lt;");
  EXPECT_FALSE(is_plain("a\xe2\x81\xa6"));
  EXPECT_FALSE(is_plain("a\xff"));
  EXPECT_TRUE(is_plain("\xd7\xa9 \xf0\x9f\x94\xa5 'x'"));
}

TEST(page_text, cuts_prose_at_its_end_and_names_in_their_middle) {
  EXPECT_EQ(prose("12345", 5), "12345");
  EXPECT_EQ(prose("123456", 5), "12345…");
  EXPECT_EQ(prose("<<", 5), "&lt;…") << "never within an entity";
  EXPECT_EQ(name("0123456789abcdef", 8), "<bdi dir=\"ltr\">0123…cdef</bdi>");
  const auto shown = name(std::string(500, 'a') + "\xf0\x9f\x94\xa5" + std::string(97, 'b'), 200);
  EXPECT_THAT(shown, HasSubstr("aaa…bbb")) << "never within a character";
}

TEST(page_text, speaks_of_amounts_as_people_do) {
  EXPECT_EQ(bytes(1), "1 byte");
  EXPECT_EQ(bytes(1023), "1,023 bytes");
  EXPECT_EQ(bytes(1536), "1.5 KiB");
  EXPECT_EQ(bytes((1U << 20U) - 1), "1.0 MiB");
  EXPECT_EQ(bytes(std::uint64_t{5} << 50U), "5,120.0 TiB");
  EXPECT_EQ(delay(0.0042), "4 ms");
  EXPECT_EQ(delay(1.5), "1.50 s");
  EXPECT_EQ(delay(std::numeric_limits<double>::quiet_NaN()), "0.00 s");
}

TEST(page_charts, leave_a_gap_where_there_was_no_sample) {
  history last_hour;
  last_hour.add({noon - std::chrono::seconds{40}, 10, 0, std::nullopt, std::nullopt});
  last_hour.add({noon - std::chrono::seconds{30}, 5, 0, std::nullopt, std::nullopt});
  last_hour.add({noon, 2.5, 0, std::nullopt, std::nullopt});
  const auto drawn = charts(last_hour, noon);
  EXPECT_THAT(drawn, HasSubstr("d=\"M710 100V0H712V50H714V100ZM718 100V75H720V100Z\""));
  EXPECT_THAT(drawn,
              HasSubstr("<title>Rows committed in the last hour: 3 rows/s at last, 10 rows/s "
                        "at most, at 11:59 UTC.</title>"));
  EXPECT_THAT(drawn, HasSubstr("Files waiting: nothing in the last hour."));
}

TEST(page_charts, draw_nothing_but_what_is_in_them) {
  history last_hour;
  last_hour.add({noon - std::chrono::hours{5}, 1, 0, 0.0, 0.0});
  last_hour.add(
      {noon + std::chrono::hours{5}, std::numeric_limits<double>::infinity(), 0, 0.0, 0.0});
  last_hour.add({noon, std::numeric_limits<double>::quiet_NaN(), -5, -1.0, 1e300});
  const auto drawn = charts(last_hour, noon);
  for (const auto* const wrong : {"nan", "inf", "H-", "V-"}) {
    EXPECT_THAT(drawn, Not(HasSubstr(wrong)));
  }
}

TEST(page_charts, have_round_scales) {
  EXPECT_DOUBLE_EQ(round_top(0), 1);
  EXPECT_DOUBLE_EQ(round_top(1), 1);
  EXPECT_DOUBLE_EQ(round_top(3.5), 5);
  EXPECT_DOUBLE_EQ(round_top(5001), 10'000);
  EXPECT_DOUBLE_EQ(round_top(0.03), 0.05);
  EXPECT_DOUBLE_EQ(round_top(std::numeric_limits<double>::infinity()), 1);
}

TEST(page_retry_command, means_one_key_to_the_shell_and_to_the_glob) {
  EXPECT_EQ(retry_command("a/b.gz"), "ingestor retry --key='a/b.gz'");
  EXPECT_EQ(retry_command("it's [*?]\\"), "ingestor retry --key='it'\\''s \\[\\*\\?]\\\\'");
  EXPECT_EQ(retry_command("-x"), "ingestor retry --key='-x'");
  EXPECT_EQ(retry_command(""), std::nullopt);
  EXPECT_EQ(retry_command("a\nb"), std::nullopt);
  EXPECT_EQ(retry_command(std::string(1024, 'k')), std::nullopt);
}

}  // namespace
}  // namespace ingestor::telemetry::page
