#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingestor {
namespace {

using namespace std::string_literals;

TEST(storable_prefix, takes_every_well_formed_length) {
  for (const auto& text : {""s, "plain"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s,
                           "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s,
                           "\xF4\x8F\xBF\xBF"s, "sixteen bytes ok"s + "\xC3\xA9"s}) {
    EXPECT_EQ(storable_prefix(text), text.size()) << testing::PrintToString(text);
  }
}

TEST(storable_prefix, stops_before_what_postgresql_refuses) {
  const std::vector<std::string> malformed{"\0"s,                // NUL
                                           "\x80"s,              // a continuation byte alone
                                           "\xC0\x80"s,          // overlong NUL
                                           "\xC1\xBF"s,          // overlong
                                           "\xE0\x9F\xBF"s,      // overlong
                                           "\xED\xA0\x80"s,      // a surrogate
                                           "\xF0\x8F\xBF\xBF"s,  // overlong
                                           "\xF4\x90\x80\x80"s,  // above U+10FFFF
                                           "\xF5\x80\x80\x80"s,
                                           "\xFF"s,
                                           "\xE2\x82"s,  // truncated
                                           "\xE2\x28\xA1"s,
                                           "\xF0\x9F\x28\x80"s};
  for (const auto& bytes : malformed) {
    for (const auto& before : {""s, "seven.."s, "eight..."s, "seventeen bytes.."s}) {
      EXPECT_EQ(storable_prefix(before + bytes), before.size()) << testing::PrintToString(bytes);
      EXPECT_EQ(storable_prefix(before + bytes + "after that"), before.size());
    }
  }
}

TEST(storable_text, replaces_and_cuts_on_an_edge) {
  EXPECT_EQ(storable_text("a\0b\xFF"s, 100), "a\xEF\xBF\xBD"s + "b\xEF\xBF\xBD"s);
  EXPECT_EQ(storable_text("h\xC3\xA9llo", 2), "h");
  EXPECT_EQ(storable_text("h\xC3\xA9llo", 3), "h\xC3\xA9");
  EXPECT_EQ(storable_text("\xFF", 2), "");
}

}  // namespace
}  // namespace ingestor
