#include "telemetry/log_line.hpp"

#include "base/secret.hpp"

#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>
#include <tao/json.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace ingestor::telemetry {
namespace {

using namespace std::chrono;
using namespace std::string_literals;

const log_time noon = sys_days{2026y / January / 1d} + 12h + 7ms;

// No field can hold one.
static_assert(std::is_constructible_v<decltype(field::value), std::string>);
static_assert(!std::is_constructible_v<decltype(field::value), secret>);
static_assert(fmt::is_formattable<int>::value && !fmt::is_formattable<secret>::value);

const std::string hostile = "a\"b\\c\nINFO  forged\x1b[31m\xff\xc2\x9b";

TEST(format_readable, writes_time_level_message_and_fields) {
  const field fields[] = {{"id", std::int64_t{12}},
                          {"key", "logs/a.gz"},
                          {"rows", std::uint64_t{18446744073709551615U}},
                          {"seconds", 0.25},
                          {"last", true}};
  EXPECT_EQ(format_readable({log_level::info, "file completed", fields}, noon),
            "2026-01-01T12:00:00.007Z INFO  file completed id=12 key=\"logs/a.gz\" "
            "rows=18446744073709551615 seconds=0.25 last=true");
}

TEST(format_readable, keeps_a_hostile_key_to_one_line) {
  const field fields[] = {{"key", hostile}};
  EXPECT_EQ(format_readable({log_level::error, "file failed", fields}, noon),
            "2026-01-01T12:00:00.007Z ERROR file failed "
            "key=\"a\\\"b\\\\c\\nINFO  forged\\u001b[31m\xef\xbf\xbd\\u009b\"");
}

TEST(format_json, writes_pino_levels_and_milliseconds) {
  const field fields[] = {{"id", std::int64_t{-12}}, {"key", "logs/a.gz"}, {"seconds", 1.5}};
  EXPECT_EQ(format_json({log_level::info, "file completed", fields}, noon),
            R"({"time":1767268800007,"level":30,"msg":"file completed","id":-12,)"
            R"("key":"logs/a.gz","seconds":1.5})");
  const auto level_of = [](log_level level) {
    return tao::json::from_string(format_json({level, "x", {}}, noon)).at("level").as<int>();
  };
  EXPECT_EQ(level_of(log_level::error), 50);
  EXPECT_EQ(level_of(log_level::warn), 40);
  EXPECT_EQ(level_of(log_level::debug), 20);
  EXPECT_EQ(level_of(log_level::trace), 10);
}

TEST(format_json, says_where_each_line_comes_from) {
  const auto everywhere = common_members({.pid = 7, .hostname = "h\"\xff", .replica = "web-1"});
  EXPECT_EQ(format_json({log_level::info, "x", {}}, noon, everywhere),
            "{\"time\":1767268800007,\"level\":30,\"pid\":7,\"hostname\":\"h\\\"\xef\xbf\xbd\","
            "\"replica\":\"web-1\",\"msg\":\"x\"}");
}

TEST(format_json, keeps_a_hostile_key_a_string) {
  const field fields[] = {{"key", hostile}};
  const auto text = format_json({log_level::warn, "file failed", fields}, noon);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(tao::json::from_string(text).at("key").get_string(),
            "a\"b\\c\nINFO  forged\x1b[31m\xef\xbf\xbd\xc2\x9b"s);
}

TEST(format_json, hides_a_secret_that_somebody_else_has_written) {
  const secret key{"wJalrXUtnFEMI/K7MDENG"};
  const field fields[] = {{"error", "it says: your key wJalrXUtnFEMI/K7MDENG is wrong"}};
  for (const auto& line : {format_json({log_level::warn, "x", fields}, noon),
                           format_readable({log_level::warn, "x", fields}, noon)}) {
    EXPECT_NE(line.find("your key *** is wrong"), std::string::npos) << line;
  }
}

TEST(format_json, writes_every_number_as_json) {
  const auto number = [](double value) {
    const field fields[] = {{"n", value}};
    const auto text = format_json({log_level::info, "x", fields}, noon);
    const auto begin = text.find("\"n\":") + 4;
    return text.substr(begin, text.size() - begin - 1);
  };
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-0.0001), "0");
  EXPECT_EQ(number(120), "120");
  EXPECT_EQ(number(0.0005), "0.001");
  EXPECT_EQ(number(-2.5), "-2.5");
  EXPECT_EQ(number(1e21), "1000000000000000000000");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "null");
}

}  // namespace
}  // namespace ingestor::telemetry
