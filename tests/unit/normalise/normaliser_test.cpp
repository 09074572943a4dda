// The contract's section "Normalisation", sentence by sentence.
#include "normalise/normaliser.hpp"

#include "normalise/line_id.hpp"
#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::normalise {
namespace {

using namespace std::string_literals;
using test::log_row;
using test::row_of;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto null = std::nullopt;

std::optional<std::int64_t> level(const std::string& json) {
  return row_of(R"({"level":)" + json + "}").integer(column::level);
}

log_row req(const std::string& members) {
  return row_of(R"({"req":{)" + members + "}}");
}

TEST(normaliser, fills_every_column_of_a_pino_line) {
  const auto line =
      R"({"level":30,"time":1795446492127,"pid":24715,"hostname":"vm","req":{"id":1,"method":"GET","url":"/d?p=3","query":{"p":"3"},"params":{"0":"d"},"headers":{"host":"h"},"remoteAddress":"127.0.0.1","remotePort":42254},"context":"Deals","processingTimeMs":74,"cacheHit":false,"documentCount":3,"lastUpdated":"2026-11-23T15:08:09.127Z","authUserId":17,"params":{"id":"9"},"query":{"limit":20},"msg":"done"})"s;
  const auto row = row_of(line);
  ASSERT_EQ(row.size(), log_columns.size());
  const auto id = line_id(7, 3);
  EXPECT_EQ(row.text(column::id), std::string(reinterpret_cast<const char*>(id.data()), id.size()));
  EXPECT_EQ(row.micros(column::timestamp), 1'795'446'492'127'000);
  EXPECT_EQ(row.integer(column::level), 30);
  EXPECT_EQ(row.text(column::method), "GET");
  EXPECT_EQ(row.text(column::url), "/d?p=3");
  EXPECT_EQ(row.json(column::query), R"({"limit":20})");
  EXPECT_EQ(row.json(column::headers), R"({"host":"h"})");
  EXPECT_EQ(row.text(column::context), "Deals");
  EXPECT_EQ(row.text(column::message), "done");
  EXPECT_EQ(row.integer(column::auth_user_id), 17);
  EXPECT_EQ(row.integer(column::pid), 24715);
  EXPECT_EQ(row.text(column::hostname), "vm");
  EXPECT_EQ(row.text(column::remote_address), "127.0.0.1");
  EXPECT_EQ(row.integer(column::remote_port), 42254);
  EXPECT_EQ(row.real(column::processing_time_ms), 74.0);
  EXPECT_EQ(row.integer(column::cache_hit), 0);
  EXPECT_EQ(row.integer(column::document_count), 3);
  EXPECT_EQ(row.micros(column::last_updated), 1'795'446'489'127'000);
  EXPECT_EQ(row.json(column::params), R"({"id":"9"})");
  EXPECT_EQ(row.json(column::raw_data), line);
  EXPECT_THAT(row.mismatches(), IsEmpty());
  EXPECT_EQ(row.outcome().at.time_since_epoch().count(), 1'795'446'492'127'000);
  EXPECT_FALSE(row.outcome().repaired);
  EXPECT_FALSE(row.outcome().timestamp_missing);
}

TEST(normaliser, writes_each_column_as_wide_as_its_type) {
  const auto row = row_of(
      R"({"level":1,"pid":1,"authUserId":1,"documentCount":1,"responseTime":1,"cacheHit":true,"req":{"remotePort":1},"lastUpdated":1})");
  const auto width = [&](column which) { return row.bytes(which)->size(); };
  EXPECT_EQ(width(column::id), 16U);
  EXPECT_EQ(width(column::timestamp), 8U);
  EXPECT_EQ(width(column::level), 2U);
  EXPECT_EQ(width(column::pid), 4U);
  EXPECT_EQ(width(column::remote_port), 4U);
  EXPECT_EQ(width(column::auth_user_id), 8U);
  EXPECT_EQ(width(column::document_count), 8U);
  EXPECT_EQ(width(column::processing_time_ms), 8U);
  EXPECT_EQ(width(column::cache_hit), 1U);
  EXPECT_EQ(width(column::last_updated), 8U);
}

TEST(normaliser, takes_the_first_time_that_fits) {
  const auto at = [](const char* line) { return row_of(line).micros(column::timestamp); };
  EXPECT_EQ(at(R"({"@timestamp":3000,"timestamp":2000,"time":1000})"), 1'000'000);
  EXPECT_EQ(at(R"({"@timestamp":3000,"timestamp":2000})"), 2'000'000);
  EXPECT_EQ(at(R"({"@timestamp":"1970-01-01T00:00:03Z"})"), 3'000'000);
  EXPECT_EQ(at(R"({"time":"soon","timestamp":1e300,"@timestamp":3000.5})"), 3'000'500);
  EXPECT_EQ(at(R"({"time":null,"timestamp":2000})"), 2'000'000);
  EXPECT_EQ(at(R"({"time":"\u0032000-01-01T00:00:00Z"})"), 946'684'800'000'000);
  EXPECT_EQ(row_of(R"({"time":9224318015999999})").integer(column::timestamp),
            9'223'371'331'199'999'000)
      << "the last millisecond of timestamptz";
}

TEST(normaliser, falls_back_to_the_listings_time_and_counts_it) {
  for (const auto* line :
       {"{}", R"({"time":null})", R"({"time":true,"timestamp":[],"@timestamp":"x"})"}) {
    const auto row = row_of(line);
    EXPECT_EQ(row.micros(column::timestamp), test::listed.time_since_epoch().count());
    EXPECT_EQ(row.outcome().at, test::listed);
    EXPECT_TRUE(row.outcome().timestamp_missing);
    EXPECT_THAT(row.mismatches(), ElementsAre("timestamp"));
  }
  EXPECT_THAT(row_of(R"({"time":"bad","timestamp":1})").mismatches(), IsEmpty());
}

TEST(normaliser, reads_levels_as_numbers_and_names) {
  EXPECT_EQ(level("35"), 35);
  EXPECT_EQ(level("-32768"), -32768);
  EXPECT_EQ(level("-0"), 0);
  EXPECT_EQ(level(R"("trace")"), 10);
  EXPECT_EQ(level(R"("debug")"), 20);
  EXPECT_EQ(level(R"("INFO")"), 30);
  EXPECT_EQ(level(R"("Warn")"), 40);
  EXPECT_EQ(level(R"("wArNiNg")"), 40);
  EXPECT_EQ(level(R"("\u0065rror")"), 50);
  EXPECT_EQ(level(R"("fatal")"), 60);
  EXPECT_EQ(level(R"("CRITICAL")"), 60);
  for (const auto* unfit :
       {"32768", "-32769", "30.0", "3e1", "true", "[30]", "{}", R"("30")", R"("")", R"("notice")",
        R"(" info")", R"("inf")", R"("informational")"}) {
    EXPECT_EQ(level(unfit), null) << unfit;
    EXPECT_THAT(row_of(R"({"time":0,"level":)"s + unfit + "}").mismatches(), ElementsAre("level"));
  }
  EXPECT_THAT(row_of(R"({"time":0,"level":null})").mismatches(), IsEmpty());
}

TEST(normaliser, takes_integers_without_fraction_or_exponent_that_are_in_range) {
  const auto pid = [](const std::string& json) {
    return row_of(R"({"pid":)" + json + "}").integer(column::pid);
  };
  EXPECT_EQ(pid("2147483647"), 2147483647);
  EXPECT_EQ(pid("-2147483648"), -2147483648LL);
  for (const auto* unfit : {"2147483648", "-2147483649", "1.0", "1e3", R"("1")", "true", "[]",
                            "18446744073709551617"}) {
    EXPECT_EQ(pid(unfit), null) << unfit;
  }
  const auto user = [](const std::string& json) {
    return row_of(R"({"authUserId":)" + json + "}").integer(column::auth_user_id);
  };
  EXPECT_EQ(user("9007199254740993"), 9007199254740993) << "no double in between";
  EXPECT_EQ(user("9223372036854775807"), 9223372036854775807);
  EXPECT_EQ(user("9223372036854775808"), null);
  EXPECT_EQ(user("-9223372036854775809"), null);
}

TEST(normaliser, reads_processing_time_from_two_names) {
  const auto ms = [](const char* line) { return row_of(line).real(column::processing_time_ms); };
  EXPECT_EQ(ms(R"({"responseTime":9,"processingTimeMs":7.25})"), 7.25);
  EXPECT_EQ(ms(R"({"responseTime":0.1})"), 0.1);
  EXPECT_EQ(ms(R"({"processingTimeMs":"7","responseTime":-1.5e-3})"), -0.0015);
  EXPECT_EQ(ms(R"({"processingTimeMs":1e309,"responseTime":5})"), 5.0);
  EXPECT_EQ(ms(R"({"processingTimeMs":1e-400})"), 0.0);
  EXPECT_EQ(ms(R"({"processingTimeMs":0.0000001e-999})"), 0.0);
  EXPECT_EQ(ms(R"({"processingTimeMs":-1e400})"), null);
  EXPECT_THAT(row_of(R"({"time":0,"processingTimeMs":"7","responseTime":null})").mismatches(),
              ElementsAre("processing_time_ms"));
}

TEST(normaliser, takes_msg_before_message) {
  const auto message = [](const char* line) { return row_of(line).text(column::message); };
  EXPECT_EQ(message(R"({"message":"second","msg":"first"})"), "first");
  EXPECT_EQ(message(R"({"message":"second"})"), "second");
  EXPECT_EQ(message(R"({"message":"second","msg":5})"), "second");
  EXPECT_EQ(message(R"({"message":"second","msg":null})"), "second");
  EXPECT_EQ(message(R"({"message":"second","msg":""})"), "");
  EXPECT_EQ(message(R"({"msg":"\u00e9\n\ud83d\ude00"})"), "\u00e9\n\U0001F600");
  EXPECT_THAT(row_of(R"({"time":0,"msg":{},"message":[]})").mismatches(), ElementsAre("message"));
}

TEST(normaliser, lets_query_and_params_at_the_top_win_over_req) {
  const auto both = row_of(R"({"query":[1],"req":{"query":2,"params":3},"params":false})");
  EXPECT_EQ(both.json(column::query), "[1]");
  EXPECT_EQ(both.json(column::params), "false");
  const auto nulls = row_of(R"({"query":null,"req":{"query":2,"params":3},"params":null})");
  EXPECT_EQ(nulls.json(column::query), "2");
  EXPECT_EQ(nulls.json(column::params), "3");
  EXPECT_EQ(row_of(R"({"headers":{"a":1}})").json(column::headers), null);
  EXPECT_EQ(row_of(R"({"method":"GET","url":"/","remoteAddress":"a","remotePort":1})")
                .text(column::method),
            null);
}

TEST(normaliser, keeps_the_text_of_json_columns) {
  const auto row =
      req(R"("query": { "a" : [1.10, 1e400, -0.0, "\u00e9"] } ,"headers":"x","params":12.50)");
  EXPECT_EQ(row.json(column::query), R"({ "a" : [1.10, 1e400, -0.0, "\u00e9"] })");
  EXPECT_EQ(row.json(column::headers), R"("x")");
  EXPECT_EQ(row.json(column::params), "12.50");
}

TEST(normaliser, counts_a_mismatch_for_each_column_of_the_wrong_type) {
  const auto row = row_of(
      R"({"time":0,"level":[],"context":1,"msg":1,"authUserId":"1","pid":"1","hostname":1,"processingTimeMs":"1","cacheHit":"true","documentCount":1.0,"lastUpdated":"x","req":{"method":1,"url":1,"remoteAddress":1,"remotePort":"1","query":1}})");
  EXPECT_THAT(row.mismatches(),
              ElementsAre("level", "method", "url", "context", "message", "auth_user_id", "pid",
                          "hostname", "remote_address", "remote_port", "processing_time_ms",
                          "cache_hit", "document_count", "last_updated"));
  for (std::size_t i = 2; i < column_count - 1; ++i) {
    const auto which = static_cast<column>(i);
    if (which == column::query) continue;
    EXPECT_EQ(row.bytes(which), null) << name(which);
  }
}

TEST(normaliser, lets_the_last_of_duplicate_keys_win) {
  EXPECT_EQ(row_of(R"({"msg":"a","msg":"b"})").text(column::message), "b");
  EXPECT_EQ(row_of(R"({"msg":"a","\u006dsg":"b"})").text(column::message), "b");
  EXPECT_EQ(row_of(R"({"level":30,"level":"loud"})").integer(column::level), null);
  EXPECT_EQ(row_of(R"({"message":"m","msg":"a","msg":null})").text(column::message), "m");
  const auto twice = row_of(R"({"req":{"method":"GET","url":"/a"},"req":{"url":"/b"}})");
  EXPECT_EQ(twice.text(column::method), null);
  EXPECT_EQ(twice.text(column::url), "/b");
  EXPECT_EQ(row_of(R"({"req":{"method":"GET"},"req":[{"method":"PUT"}]})").text(column::method),
            null);
  EXPECT_EQ(row_of(R"({"req":{"method":"GET"},"req":null})").text(column::method), null);
  EXPECT_EQ(row_of(R"({"req":{"method":"GET"},"x":{"method":"PUT"}})").text(column::method), "GET");
}

TEST(normaliser, looks_for_names_at_their_places_only) {
  const auto row = row_of(
      R"({"res":{"msg":"m","level":1},"a":[{"pid":1}],"req":{"hostname":"h","req":{"method":"GET"},"headers":{"url":"/x"}},"Msg":"m","msg\u0000":"m","":1})");
  for (const auto which : {column::message, column::level, column::pid, column::hostname,
                           column::method, column::url}) {
    EXPECT_EQ(row.bytes(which), null) << name(which);
  }
  EXPECT_EQ(row.json(column::headers), R"({"url":"/x"})");
}

TEST(normaliser, repairs_strings_that_postgresql_cannot_hold_and_says_so) {
  const auto row = row_of(R"({"msg":"a\u0000b\ud800","req":{"query":{"\u0000":"\udc00"}}})");
  EXPECT_EQ(row.text(column::message), "a\ufffdb\ufffd");
  EXPECT_EQ(row.json(column::query), R"({"\ufffd":"\ufffd"})");
  EXPECT_EQ(row.json(column::raw_data),
            R"({"msg":"a\ufffdb\ufffd","req":{"query":{"\ufffd":"\ufffd"}}})");
  EXPECT_TRUE(row.outcome().repaired);
  EXPECT_FALSE(row_of(R"({"msg":"a\\u0000b"})").outcome().repaired);
}

TEST(normaliser, trims_the_blanks_around_raw_data) {
  EXPECT_EQ(row_of(" \t{ \"a\" : 1 } \r").json(column::raw_data), R"({ "a" : 1 })");
}

TEST(normaliser, appends_rows_and_reuses_its_buffers) {
  normaliser subject;
  pg::wire::copy_buffer rows;
  EXPECT_TRUE(subject.json_row(R"({"msg":"\u0000 first"})", 1, test::origin, rows));
  EXPECT_FALSE(subject.json_row("{", 2, test::origin, rows));
  EXPECT_TRUE(subject.json_row(R"({"hostname":"b"})", 3, test::origin, rows));
  const auto decoded = test::rows_in(rows);
  ASSERT_EQ(decoded.size(), 2U);
  EXPECT_EQ(decoded[1][static_cast<std::size_t>(column::message)], null) << "nothing of the first";
  EXPECT_EQ(decoded[1][static_cast<std::size_t>(column::hostname)], "b");
}

TEST(normaliser, makes_a_row_of_a_line_of_text) {
  normaliser subject;
  pg::wire::copy_buffer rows;
  const auto line = "  GET \"/\" \\ \x01\t\u00e9 "s;
  const auto outcome = subject.text_row(line, 3, test::origin, rows);
  ASSERT_TRUE(outcome);
  const log_row row{test::rows_in(rows).at(0), *outcome};
  ASSERT_EQ(row.size(), column_count);
  EXPECT_EQ(row.text(column::message), line);
  EXPECT_EQ(row.json(column::raw_data), "\"  GET \\\"/\\\" \\\\ \\u0001\\t\u00e9 \"");
  EXPECT_EQ(row.micros(column::timestamp), test::listed.time_since_epoch().count());
  EXPECT_THAT(row.mismatches(), IsEmpty());
  EXPECT_FALSE(row.outcome().timestamp_missing) << "text has no other time";
  for (std::size_t i = 2; i < column_count - 1; ++i) {
    const auto which = static_cast<column>(i);
    if (which == column::message) continue;
    EXPECT_EQ(row.bytes(which), null) << name(which);
  }
}

TEST(normaliser, bounds_the_row_of_a_line_of_text) {
  normaliser subject;
  constexpr std::size_t bytes = std::size_t{1} << 20;
  for (const char each : {'a', '"', '\t'}) {
    pg::wire::copy_buffer rows;
    EXPECT_TRUE(subject.text_row(std::string(bytes, each), 3, test::origin, rows));
    EXPECT_LT(rows.size(), 3 * bytes + quoted_bytes_extra);
  }
  pg::wire::copy_buffer rows;
  EXPECT_TRUE(subject.text_row(std::string(1000, '\x01'), 3, test::origin, rows));
  const auto outcome = subject.text_row(std::string(bytes, '\x01'), 3, test::origin, rows);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().reason(), "too_long: more than 2162688 bytes as jsonb");
  EXPECT_EQ(rows.rows(), 1U);
}

TEST(normaliser, rejects_text_that_postgresql_cannot_hold) {
  normaliser subject;
  pg::wire::copy_buffer rows;
  for (const auto& line : {"a\0b"s, "caf\xe9"s}) {
    const auto outcome = subject.text_row(line, 3, test::origin, rows);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, reject_code::invalid_utf8);
  }
  EXPECT_EQ(rows.rows(), 0U);
}

}  // namespace
}  // namespace ingestor::normalise
