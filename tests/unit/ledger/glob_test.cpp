#include "ledger/glob.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

// What the expressions match is asked of PostgreSQL itself, in tests/integration.
namespace ingestor::ledger {
namespace {

using ::testing::HasSubstr;

std::string expression(std::string_view glob) {
  const auto made = regular_expression_of(glob);
  return made ? *made : "mistake: " + made.error().text;
}

std::string mistake(std::string_view glob) {
  const auto made = regular_expression_of(glob);
  return made ? "none: " + *made : made.error().text;
}

TEST(glob, matches_a_key_as_a_whole) {
  EXPECT_EQ(expression("logs"), "^logs$");
  EXPECT_EQ(expression("日本語/🙂"), "^日本語\\/🙂$");
}

TEST(glob, has_two_wildcards) {
  EXPECT_EQ(expression("*"), "^.*$");
  EXPECT_EQ(expression("a*b?c"), "^a.*b.c$");
  EXPECT_EQ(expression("**"), "^.*$");
  EXPECT_EQ(expression("*?*"), "^.*..*$");
}

TEST(glob, every_other_punctuation_is_itself) {
  for (const char c : std::string_view{R"(!"#$%&'()+,-./:;<=>@]^_`{|}~)"}) {
    EXPECT_EQ(expression(std::string{c}), std::string{"^\\"} + c + "$");
  }
}

TEST(glob, what_is_neither_letter_digit_nor_punctuation_is_itself) {
  EXPECT_EQ(expression("a b\t\n\x01\x7f"), "^a b\t\n\x01\x7f$");
}

TEST(glob, a_backslash_takes_the_meaning_of_what_follows) {
  for (const char c : std::string_view{R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)"}) {
    EXPECT_EQ(expression(std::string{'\\', c}), std::string{"^\\"} + c + "$");
  }
  EXPECT_EQ(expression("\\d\\A\\1"), "^dA1$");
  EXPECT_EQ(expression("\\é"), "^é$");
}

TEST(glob, has_classes) {
  EXPECT_EQ(expression("[abc]"), "^[abc]$");
  EXPECT_EQ(expression("[!abc]x"), "^[^abc]x$");
  EXPECT_EQ(expression("[a-cx-z0]"), "^[a-cx-z0]$");
  EXPECT_EQ(expression("[à-ü]"), "^[à-ü]$");
}

TEST(glob, every_punctuation_in_a_class_is_itself) {
  for (const char c : std::string_view{R"("#$%&'()*+,./:;<=>?@[^_`{|}~)"}) {
    EXPECT_EQ(expression(std::string{'[', c, 'a', ']'}), std::string{"^[\\"} + c + "a]$");
  }
  for (const char c : std::string_view{R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)"}) {
    EXPECT_EQ(expression(std::string{'[', 'a', '\\', c, ']'}), std::string{"^[a\\"} + c + "]$");
  }
}

TEST(glob, the_ends_of_a_class_give_its_own_characters_a_place) {
  EXPECT_EQ(expression("[]a]"), "^[\\]a]$");
  EXPECT_EQ(expression("[!]a]"), "^[^\\]a]$");
  EXPECT_EQ(expression("[-a]"), "^[\\-a]$");
  EXPECT_EQ(expression("[a-]"), "^[a\\-]$");
  EXPECT_EQ(expression("[!!]"), "^[^\\!]$");
  EXPECT_EQ(expression("[a!]"), "^[a\\!]$");
  EXPECT_EQ(expression("[\\!a]"), "^[\\!a]$");
  EXPECT_EQ(expression("[]-a]"), "^[\\]-a]$");
  EXPECT_EQ(expression("[[:alpha:]]"), "^[\\[\\:alpha\\:]\\]$");
}

TEST(glob, says_what_is_wrong) {
  for (const std::string_view open : {"[", "[abc", "[]", "[!", "[!]", "x[a-", "[a\\]"}) {
    EXPECT_THAT(mistake(open), HasSubstr("a [ has no ]")) << open;
  }
  for (const std::string_view cut : {"\\", "abc\\", "\\\\\\", "[a\\"}) {
    EXPECT_THAT(mistake(cut), HasSubstr("escapes nothing")) << cut;
  }
  EXPECT_EQ(mistake("[z-a]"), "the range z-a runs backwards");
  EXPECT_EQ(mistake(""), "it is empty, and no key is");
  EXPECT_EQ(mistake("a\xff"), "it is not UTF-8");
  EXPECT_EQ(mistake("[\xc3]"), "it is not UTF-8");
}

TEST(glob, is_bounded) {
  const std::string longest(glob_bytes_max, 'a');
  EXPECT_EQ(expression(longest), "^" + longest + "$");
  EXPECT_EQ(mistake(longest + "a"), "it has more than 2048 bytes");
}

}  // namespace
}  // namespace ingestor::ledger
