#include "config/grammar.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ingestor::config {
namespace {

using namespace std::chrono_literals;

TEST(quantity, reads_each_unit_of_time) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("0s"), 0ms);
}

TEST(quantity, refuses_what_is_no_duration) {
  for (const auto* const text : {"", "30", "s", "-1s", "+1s", "1.5s", "30 s", " 30s", "30s ", "30S",
                                 "1h30m", "1w", "9223372036854775808ms", "106751991168d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
  EXPECT_TRUE(parse_duration("106751991167d"));
}

TEST(quantity, reads_each_unit_of_size) {
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("16MiB"), 16777216U);
  EXPECT_EQ(parse_size("1GiB"), 1073741824U);
  EXPECT_EQ(parse_size("2TiB"), 2199023255552U);
  EXPECT_EQ(parse_size("4711"), 4711U);
  EXPECT_EQ(parse_size("0"), 0U);
}

TEST(quantity, refuses_what_is_no_size) {
  for (const auto* const text :
       {"", "KiB", "1KB", "1kib", "1.5MiB", "-1", "1 KiB", "8388608TiB", "18446744073709551616"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(quantity, reads_shares_in_percent) {
  EXPECT_DOUBLE_EQ(parse_share("100%").value_or(-1), 1);
  EXPECT_DOUBLE_EQ(parse_share("0%").value_or(-1), 0);
  EXPECT_DOUBLE_EQ(parse_share("0.5%").value_or(-1), 0.005);
  for (const auto* const text :
       {"", "%", "50", "101%", "100.1%", "-1%", "1e1%", "nan%", "inf%", "5 %", "1.2.3%", ".%"}) {
    EXPECT_EQ(parse_share(text), std::nullopt) << text;
  }
}

TEST(quantity, formats_what_it_reads) {
  for (const auto* const text : {"0ms", "500ms", "90s", "2m", "25h", "7d"}) {
    EXPECT_EQ(format_duration(parse_duration(text).value()), text);
  }
  EXPECT_EQ(format_duration(60s), "1m");
  for (const auto* const text : {"0", "1000", "1536KiB", "16MiB", "1GiB", "3TiB"}) {
    EXPECT_EQ(format_size(parse_size(text).value()), text);
  }
}

TEST(listen_address, reads_addresses_and_ports) {
  EXPECT_EQ(parse_listen_address("0.0.0.0:8080"), (listen_address{"0.0.0.0", 8080}));
  EXPECT_EQ(parse_listen_address("[::]:8080"), (listen_address{"::", 8080}));
  EXPECT_EQ(parse_listen_address("[fe80::1]:1"), (listen_address{"fe80::1", 1}));
  EXPECT_EQ(parse_listen_address("localhost:0"), (listen_address{"localhost", 0}));
  EXPECT_EQ(parse_listen_address("a-1.example:80"), (listen_address{"a-1.example", 80}));
  EXPECT_EQ(parse_listen_address("127.0.0.1:65535"), (listen_address{"127.0.0.1", 65535}));
}

TEST(listen_address, refuses_anything_else) {
  using namespace std::string_view_literals;
  for (const auto text : {""sv,
                          ":"sv,
                          "8080"sv,
                          ":8080"sv,
                          "0.0.0.0"sv,
                          "0.0.0.0:"sv,
                          "0.0.0.0:65536"sv,
                          "0.0.0.0:-1"sv,
                          "::1:8080"sv,
                          "[::1]8080"sv,
                          "[0.0.0.0]:80"sv,
                          "[::1:80"sv,
                          "[]:80"sv,
                          "-a:80"sv,
                          "a..b:80"sv,
                          "a b:80"sv,
                          "a.1:80"sv,
                          "http://0.0.0.0:80"sv,
                          "1.2.3:80"sv,
                          "1.2.3.4\0:80"sv}) {
    EXPECT_EQ(parse_listen_address(text), std::nullopt) << text;
  }
}

TEST(grammar, keeps_to_its_bounds_and_says_them) {
  const whole_number number{1, 1000};
  EXPECT_EQ(number.parse("1"), 1U);
  EXPECT_EQ(number.parse("1000"), 1000U);
  EXPECT_EQ(number.parse("0"), std::nullopt);
  EXPECT_EQ(number.parse("1001"), std::nullopt);
  EXPECT_EQ(number.accepted(), "a whole number from 1 to 1000");

  const duration time{1s, 1h};
  EXPECT_EQ(time.parse("1s"), 1s);
  EXPECT_EQ(time.parse("60m"), 1h);
  EXPECT_EQ(time.parse("999ms"), std::nullopt);
  EXPECT_EQ(time.parse("3601s"), std::nullopt);
  EXPECT_EQ(time.accepted(),
            "a duration from 1s to 1h, a number with ms, s, m, h or d, such as 30s");

  const size bytes{1024, 4096};
  EXPECT_EQ(bytes.parse("1KiB"), 1024U);
  EXPECT_EQ(bytes.parse("4097"), std::nullopt);
}

TEST(grammar, takes_words_in_any_case) {
  const choice<int> words{{{"one", 1}, {"two", 2}}};
  EXPECT_EQ(words.parse("one"), 1);
  EXPECT_EQ(words.parse("TWO"), 2);
  EXPECT_EQ(words.parse("on"), std::nullopt);
  EXPECT_EQ(words.accepted(), "one of one, two");
}

TEST(grammar, tells_off_from_wrong) {
  const or_off<duration> policy{{1s, 1h}};
  const auto off = policy.parse("off");
  ASSERT_TRUE(off);
  EXPECT_FALSE(*off);
  EXPECT_EQ(policy.parse("30s"), std::optional{std::optional{30'000ms}});
  EXPECT_FALSE(policy.parse("of"));
  EXPECT_TRUE(policy.accepted().starts_with("off, or a duration"));
}

TEST(grammar, keeps_control_characters_and_long_text_out) {
  EXPECT_EQ(printable{8}.parse("a b/ü"), "a b/ü");
  EXPECT_FALSE(printable{8}.parse("a\nb"));
  EXPECT_FALSE(printable{8}.parse("123456789"));
  EXPECT_EQ(plain_name{8}.parse("web-1_a"), "web-1_a");
  EXPECT_FALSE(plain_name{8}.parse("a b"));
  EXPECT_TRUE((plain_name{8, blanks::inside}.parse("a b")));
  EXPECT_FALSE((plain_name{8, blanks::inside}.parse(" a")));
  EXPECT_FALSE(plain_name{8}.parse("ü"));
  EXPECT_FALSE(plain_name{8}.parse(""));
}

}  // namespace
}  // namespace ingestor::config
