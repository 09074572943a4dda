#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingestor {
namespace {

using namespace std::string_literals;

TEST(check_utf8, accepts_the_ends_of_every_range) {
  const auto text =
      "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xec\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
      "\xf0\x90\x80\x80\xf3\xbf\xbf\xbf\xf4\x8f\xbf\xbf"s;
  EXPECT_EQ(check_utf8(text).valid_bytes, text.size());
  EXPECT_FALSE(check_utf8(text).cut);
}

TEST(check_utf8, refuses_what_postgresql_refuses) {
  const std::vector<std::string> bad = {
      "\0"s,                // NUL
      "\x80"s,              // a continuation alone
      "\xc0\x80"s,          // overlong
      "\xc1\xbf"s,          // overlong
      "\xe0\x9f\xbf"s,      // overlong
      "\xf0\x8f\xbf\xbf"s,  // overlong
      "\xed\xa0\x80"s,      // surrogate
      "\xed\xbf\xbf"s,      // surrogate
      "\xf4\x90\x80\x80"s,  // above U+10FFFF
      "\xf5\x80\x80\x80"s,
      "\xff"s,
      "\xc2z"s,
      "\xe2\x28\xa1"s,
      "\xf0\x9f\x28\x80"s,
      "\xe1\x80z"s,
      "\xf1\x80\x80z"s,
  };
  for (const auto& sequence : bad) {
    const auto check = check_utf8("ab" + sequence + "c");
    EXPECT_EQ(check.valid_bytes, 2U) << testing::PrintToString(sequence);
    EXPECT_FALSE(check.cut) << testing::PrintToString(sequence);
  }
}

TEST(check_utf8, tells_a_cut_sequence_from_a_bad_one) {
  for (const auto* whole : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    const std::string sequence = whole;
    for (std::size_t kept = 1; kept < sequence.size(); ++kept) {
      const auto check = check_utf8("x" + sequence.substr(0, kept));
      EXPECT_EQ(check.valid_bytes, 1U);
      EXPECT_TRUE(check.cut);
    }
  }
  EXPECT_FALSE(check_utf8("x\xed\xa0").cut) << "no surrogate can be completed";
  EXPECT_FALSE(check_utf8("\xe2\x82\0"s).cut) << "a NUL is not the end of the text";
}

TEST(check_utf8, finds_the_first_fault_wherever_it_is) {
  for (std::size_t at = 0; at < 300; ++at) {
    std::string text(300, 'a');
    text[at] = '\x80';
    EXPECT_EQ(check_utf8(text).valid_bytes, at);
    text[at] = '\0';
    EXPECT_EQ(check_utf8(text).valid_bytes, at);
  }
}

TEST(first_character, knows_the_first_and_the_last_of_each_length) {
  for (const std::string text :
       {"\x01", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    const auto step = first_character(text);
    EXPECT_TRUE(step.well_formed) << testing::PrintToString(text);
    EXPECT_EQ(step.bytes, text.size()) << testing::PrintToString(text);
  }
  EXPECT_EQ(first_character("\xf4\x8f\xbf\xbf").character, U'\x10ffff');
  EXPECT_EQ(first_character("€").character, U'€');
}

TEST(storable_text, replaces_and_cuts_on_an_edge) {
  EXPECT_EQ(storable_text("a\0b\xFF"s, 100), "a\xEF\xBF\xBD"s + "b\xEF\xBF\xBD"s);
  EXPECT_EQ(storable_text("a\xE2\x82"s, 100), "a\xEF\xBF\xBD"s);
  EXPECT_EQ(storable_text("h\xC3\xA9llo", 2), "h");
  EXPECT_EQ(storable_text("h\xC3\xA9llo", 3), "h\xC3\xA9");
  EXPECT_EQ(storable_text("\xFF", 2), "");
}

}  // namespace
}  // namespace ingestor
