#include "terminal/text.hpp"

#include "base/utf8.hpp"
#include "terminal/screen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace ingestor::terminal {
namespace {

using ::testing::ElementsAre;

const glyphs unicode = glyphs_of_utf8();
const glyphs ascii{false, unicode.columns_of};

TEST(shown, leaves_plain_text_as_it_is) {
  EXPECT_EQ(shown("app/2026-01-01/web 1.log.gz", unicode), "app/2026-01-01/web 1.log.gz");
  EXPECT_EQ(shown("Grüße/日本/ключ", unicode), "Grüße/日本/ключ");
  EXPECT_EQ(shown("", unicode), "");
}

TEST(shown, writes_out_what_steers_a_terminal) {
  EXPECT_EQ(shown("a\x1b[31m\n\r\t\x07\x7f", unicode), "a\\u001b[31m\\n\\r\\t\\u0007\\u007f");
  EXPECT_EQ(shown("\xc2\x9b"
                  "2J",
                  unicode),
            "\\u009b2J");
  EXPECT_EQ(shown(std::string_view{"\0", 1}, unicode), "\\u0000");
}

TEST(shown, writes_out_what_is_not_seen_or_turns_text_around) {
  EXPECT_EQ(shown("\u202egpj.exe", unicode), "\\u202egpj.exe");
  EXPECT_EQ(shown("a\u200db\ufe0f", unicode), "a\\u200db\\ufe0f");
  EXPECT_EQ(shown("\u2028\u2066\u200f\ufeff", unicode), "\\u2028\\u2066\\u200f\\ufeff");
  EXPECT_EQ(shown("\U000e0041\U0001f3fd", unicode), "\\U000e0041\\U0001f3fd");
}

TEST(shown, replaces_what_is_no_text) {
  EXPECT_EQ(shown("a\xff\xc3(", unicode), "a\ufffd\ufffd(");
  EXPECT_EQ(shown("a\xff", ascii), "a?");
}

TEST(shown, keeps_few_marks_and_only_above_a_letter) {
  EXPECT_EQ(shown("e\u0301", unicode), "e\u0301");
  EXPECT_EQ(shown("\u0301e", unicode), "\\u0301e");
  std::string tower = "e";
  for (int i = 0; i < 100; ++i) tower += "\u0301";
  EXPECT_EQ(shown(tower + "f", unicode), "e\u0301\u0301f");
}

TEST(shown, is_ascii_where_the_terminal_is) {
  EXPECT_EQ(shown("Grüße 日", ascii), "Gr??e ?");
  EXPECT_EQ(shown("a\u202e", ascii), "a\\u202e");
}

TEST(shown, has_a_bound) {
  EXPECT_LE(shown(std::string(1'000'000, 'a'), unicode).size(), shown_bytes_max);
}

TEST(fitted, says_that_something_is_missing) {
  EXPECT_EQ(fitted("0123456789", 10, unicode), "0123456789");
  EXPECT_EQ(fitted("0123456789", 9, unicode), "01234567…");
  EXPECT_EQ(fitted("0123456789", 9, unicode, cut::start), "…23456789");
  EXPECT_EQ(fitted("0123456789", 4, ascii), "012~");
  EXPECT_EQ(fitted("0123456789", 1, unicode), "…");
  EXPECT_EQ(fitted("0123456789", 0, unicode), "");
}

TEST(fitted, does_not_halve_what_is_two_columns_wide) {
  EXPECT_EQ(fitted("日本語", 6, unicode), "日本語");
  EXPECT_EQ(fitted("日本語", 5, unicode), "日本…");
  EXPECT_EQ(fitted("日本語", 4, unicode), "日…");
  EXPECT_EQ(fitted("日本語", 4, unicode, cut::start), "…語");
  EXPECT_EQ(padded("日本語", 4, unicode), "日… ");
  EXPECT_EQ(padded("日", 1, unicode), "…");
}

TEST(fitted, keeps_a_mark_with_its_letter) {
  EXPECT_EQ(fitted("abe\u0301d", 4, unicode), "abe\u0301d");
  EXPECT_EQ(fitted("abe\u0301de", 4, unicode), "abe\u0301…");
  EXPECT_EQ(fitted("abe\u0301d", 3, unicode, cut::start), "…e\u0301d");
}

TEST(fitted, holds_text_from_the_right_in_its_place) {
  EXPECT_EQ(fitted("שלום", 9, unicode), "שלום\u200e");
  EXPECT_EQ(padded("שלום", 6, unicode), "שלום\u200e  ");
  EXPECT_EQ(fitted("שלום", 3, unicode), "של…\u200e");
}

TEST(padded, is_exactly_as_wide) {
  EXPECT_EQ(padded("ab", 4, unicode), "ab  ");
  EXPECT_EQ(padded("ab", 4, unicode, align::right), "  ab");
  EXPECT_EQ(padded("abcdef", 4, unicode, align::right), "abc…");
}

TEST(wrapped, breaks_at_spaces_and_within_long_words) {
  EXPECT_THAT(wrapped("one two three", 7, 9, unicode), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("abcdefghij k", 4, 9, unicode), ElementsAre("abcd", "efgh", "ij k"));
  EXPECT_THAT(wrapped("one two three four", 5, 2, unicode), ElementsAre("one", "two …"));
  EXPECT_THAT(wrapped("日日", 1, 9, unicode), ElementsAre("…", "…"));
  EXPECT_THAT(wrapped("", 5, 9, unicode), ElementsAre());
  EXPECT_THAT(wrapped("a", 0, 9, unicode), ElementsAre());
}

TEST(bar, is_full_at_the_end_only) {
  EXPECT_EQ(bar(0, 4, ascii), "....");
  EXPECT_EQ(bar(0.5, 4, ascii), "##..");
  EXPECT_EQ(bar(0.999, 4, ascii), "###.");
  EXPECT_EQ(bar(1, 4, unicode), "████");
  EXPECT_EQ(bar(17, 4, ascii), "####");
  EXPECT_EQ(bar(std::numeric_limits<double>::quiet_NaN(), 4, ascii), "....");
}

// Whatever the bytes: valid, safe, and never wider than it says.
TEST(text, chance) {
  std::mt19937 chance{4711};
  const std::vector<std::string> pieces{
      "a",        " ",      "日", "é",          "e\u0301", "\u0301", "\x1b[2J", "\xff",
      "\xe2\x80", "\u202e", "ש",  "\U0001f600", "\u200d",  "\u0600", "\n",      "\U0001f1e9"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto left = chance() % 20; left > 0; --left) text += pieces[chance() % pieces.size()];
    for (const auto& how : {unicode, ascii}) {
      const auto safe = shown(text, how);
      EXPECT_EQ(check_utf8(safe).valid_bytes, safe.size());
      EXPECT_EQ(safe.find('\x1b'), std::string::npos);
      for (std::size_t columns = 0; columns < 12; ++columns) {
        for (const auto where : {cut::end, cut::start}) {
          EXPECT_LE(columns_of(fitted(safe, columns, how, where), how), columns);
          EXPECT_EQ(columns_of(padded(safe, columns, how, align::left, where), how), columns);
        }
        for (const auto& line : wrapped(safe, columns, 5, how)) {
          EXPECT_LE(columns_of(line, how), columns);
        }
      }
    }
  }
}

}  // namespace
}  // namespace ingestor::terminal
