// Which lines are JSON as jsonb has it, and what is said of the others. That jsonb agrees is tested
// with a real server in tests/integration/normalise.
#include "normalise/json_parser.hpp"

#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::normalise {
namespace {

using namespace std::string_literals;
using test::rejected;
using testing::HasSubstr;
using testing::StartsWith;

std::string nested(std::size_t depth) {
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(json_parser, accepts_what_jsonb_accepts) {
  for (const auto* line : {
           "{}",
           " \t\r{ } \r",
           R"({"":""})",
           R"({"a":[]})",
           "{\"a\":\"\x7f\"}",
           R"({"a":[1,-0,0.5,1e5,1E+5,1e-5,-1.5e3,0e0,true,false,null,"x",{"b":[{}]}]})",
           R"({"a":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"})",
           R"({"a":1,"a":2})",
           R"({"a":123456789012345678901234567890.12345678901234567890})",
           R"({"a":1e400})",
           "{\"a\":\"\u00e9\U0001F600\u2028\"}",
           R"({"a":-0.0})",
       }) {
    EXPECT_EQ(rejected(line), "") << line;
  }
}

TEST(json_parser, refuses_what_jsonb_refuses) {
  for (const auto* line : {
           "x",
           "{",
           "}",
           "{]",
           R"({"a"})",
           R"({"a":})",
           R"({"a":1,})",
           R"({"a":[1,]})",
           R"({,})",
           R"({"a" 1})",
           R"({"a":1 "b":2})",
           R"({a:1})",
           R"({'a':1})",
           R"({"a":1}})",
           R"({"a":1} {})",
           R"({"a":1}x)",
           R"({"a":01})",
           R"({"a":+1})",
           R"({"a":.5})",
           R"({"a":1.})",
           R"({"a":1e})",
           R"({"a":1e+})",
           R"({"a":-})",
           R"({"a":--1})",
           R"({"a":0x1})",
           R"({"a":NaN})",
           R"({"a":Infinity})",
           R"({"a":-Infinity})",
           R"({"a":nul})",
           R"({"a":nullx})",
           R"({"a":True})",
           R"({"a":tru)",
           R"({"a":"x})",
           R"({"a":"\x"})",
           R"({"a":"\u12"})",
           R"({"a":"\u12G4"})",
           "{\"a\":\"\t\"}",
           "{\"a\":\"\x01\"}",
           "{\"a\":\"x\ny\"}",
           R"({"a":1}//x)",
           R"({"a":/**/1})",
           "\xef\xbb\xbf{}",
           "\x0b{}",
           "{\"a\":\x0c"
           "1}",
           R"("\ud800)",
       }) {
    EXPECT_THAT(rejected(line), StartsWith("not_json: ")) << line;
  }
}

TEST(json_parser, tells_json_that_is_no_object_from_no_json) {
  EXPECT_EQ(rejected("[1]"), "not_an_object: the line is an array");
  EXPECT_EQ(rejected(R"( "x")"), "not_an_object: the line is a string");
  EXPECT_EQ(rejected("-1.5"), "not_an_object: the line is a number");
  EXPECT_EQ(rejected("true"), "not_an_object: the line is a boolean");
  EXPECT_EQ(rejected("false"), "not_an_object: the line is a boolean");
  EXPECT_EQ(rejected("\tnull "), "not_an_object: the line is null");
  EXPECT_THAT(rejected("[1"), StartsWith("not_json"));
}

TEST(json_parser, says_where_and_never_quotes_the_line) {
  EXPECT_EQ(rejected(R"({"a":01})"), "not_json: invalid leading zero at column 6");
  EXPECT_EQ(rejected(R"({"a":"secret","b":})"), "not_json: expected value at column 19");
  EXPECT_EQ(rejected(R"({"a":"\q"})"), "not_json: unknown escape sequence at column 8");
  const auto reason = rejected("{\"key\":\"" + std::string(100'000, 's') + "\x01\"}");
  EXPECT_EQ(reason, "not_json: invalid unescaped character at column 100009");
}

TEST(json_parser, holds_to_the_depth_limit) {
  EXPECT_EQ(rejected(nested(512)), "");
  EXPECT_EQ(rejected(nested(513)), "too_deep: nested deeper than 512 levels at column 517");
  EXPECT_THAT(rejected(std::string(100'000, '[')), StartsWith("too_deep"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_THAT(rejected(objects), StartsWith("too_deep"));
  std::string wide = R"({"a":[)";
  for (int i = 0; i < 2000; ++i) wide += "[],{},";
  EXPECT_EQ(rejected(wide + "0]}"), "") << "width is not depth";
}

TEST(json_parser, holds_to_the_limits_of_numbers) {
  const auto number = [](const std::string& text) { return R"({"a":)" + text + "}"; };
  EXPECT_EQ(rejected(number(std::string(1000, '9'))), "");
  EXPECT_EQ(rejected(number("0." + std::string(998, '1'))), "");
  EXPECT_EQ(rejected(number("-" + std::string(999, '9'))), "");
  for (const auto& text :
       {std::string(1001, '9'), "0." + std::string(999, '1'), "-" + std::string(1000, '9')}) {
    EXPECT_THAT(rejected(number(text)), StartsWith("number_out_of_range: a number of more than"));
  }
  for (const auto* text : {"1e1000", "1E+1000", "1e-1000", "0e1000", "1e0000000000000000000001"}) {
    EXPECT_EQ(rejected(number(text)), "") << text;
  }
  for (const auto* text : {"1e1001", "1E+1001", "1e-1001", "0e1001", "1e99999999999999999999"}) {
    EXPECT_THAT(rejected(number(text)), StartsWith("number_out_of_range: an exponent beyond"))
        << text;
  }
  EXPECT_THAT(rejected("1e1001"), StartsWith("number_out_of_range")) << "before not_an_object";
}

TEST(json_parser, holds_to_the_limit_of_values) {
  // The object, the array and its elements.
  const auto line = [](std::size_t elements) {
    std::string text = R"({"a":[)";
    for (std::size_t i = 1; i < elements; ++i) text += "[],";
    return text + "[]]}";
  };
  EXPECT_EQ(rejected(line(values_max - 2)), "");
  EXPECT_THAT(rejected(line(values_max - 1)), StartsWith("too_long: more than 8388608 values"));
}

TEST(json_parser, refuses_nuls_and_invalid_utf8_anywhere) {
  EXPECT_EQ(rejected("{\"a\":\"\0\"}"s), "invalid_utf8: a NUL byte at column 7");
  EXPECT_EQ(rejected("{}\0"s), "invalid_utf8: a NUL byte at column 3");
  for (const auto* bytes : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3"}) {
    EXPECT_EQ(rejected("{\"a\":\""s + bytes + "\"}"), "invalid_utf8: not UTF-8 at column 7");
    EXPECT_EQ(rejected("{\""s + bytes + "\":1}"), "invalid_utf8: not UTF-8 at column 3");
    EXPECT_EQ(rejected("{}"s + bytes), "invalid_utf8: not UTF-8 at column 3");
  }
}

}  // namespace
}  // namespace ingestor::normalise
