#include "normalise/json_string.hpp"

#include "normalise/json_scan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ingestor::normalise {
namespace {

std::string unescaped(std::string_view json) {
  std::string scratch;
  return std::string{text_of(json, scratch)};
}

TEST(text_of, resolves_every_escape) {
  EXPECT_EQ(unescaped(R"("")"), "");
  EXPECT_EQ(unescaped(R"("plain é")"), "plain é");
  EXPECT_EQ(unescaped(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(unescaped(R"("a\u0041\u00e9\u20AC\ud83d\ude00\uDBFF\uDFFFz")"),
            "aA\u00e9\u20ac\U0001F600\U0010FFFFz");
  EXPECT_EQ(unescaped(R"("\u007f\u0080\u07ff\u0800\uffff")"), "\x7f\u0080\u07ff\u0800\uffff");
  EXPECT_EQ(unescaped(R"("\\u0041")"), "\\u0041");
}

TEST(text_of, copies_only_where_it_must) {
  const std::string_view json = R"("as it is")";
  std::string scratch = "untouched";
  EXPECT_EQ(text_of(json, scratch).data(), json.data() + 1);
  EXPECT_EQ(scratch, "untouched");
}

TEST(quote, is_undone_by_text_of) {
  std::string all;
  for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
  all += "\u00e9\U0001F600";
  std::string json;
  quote(all, json);
  EXPECT_EQ(unescaped(json), all);
  for (const char each : json) EXPECT_GE(static_cast<unsigned char>(each), 0x20);
  quote("a\"\\\x01\n", json);
  EXPECT_EQ(json, R"("a\"\\\u0001\n")");
}

TEST(quote, takes_the_memory_it_needs_and_no_more) {
  for (const auto& text :
       {std::string(100'000, 'a'), std::string(100'000, '\x01'), std::string(100'000, '\t'),
        "\"a\\b\x1f" + std::string(1000, 'c') + "\x01", std::string{}}) {
    std::string json;
    quote(text, json);
    EXPECT_EQ(json.size(), quoted_bytes(text));
    EXPECT_LE(json.capacity(), std::max<std::size_t>(json.size(), std::string{}.capacity()));
    EXPECT_EQ(unescaped(json), text);
  }
}

TEST(plain_length, stops_at_the_first_special_byte_wherever_it_is) {
  const std::string plain = "abc\x7f\x80\xff !#[]~\x20";
  for (std::size_t size = 0; size < 40; ++size) {
    std::string text;
    while (text.size() < size) text += plain[text.size() % plain.size()];
    EXPECT_EQ(plain_length(text.data(), text.data() + size), size);
    for (std::size_t at = 0; at < size; ++at) {
      for (const char special : {'"', '\\', '\x1f', '\x00', '\n'}) {
        auto changed = text;
        changed[at] = special;
        EXPECT_EQ(plain_length(changed.data(), changed.data() + size), at);
      }
    }
  }
}

}  // namespace
}  // namespace ingestor::normalise
