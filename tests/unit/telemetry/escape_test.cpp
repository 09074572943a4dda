#include "telemetry/escape.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::telemetry {
namespace {

using namespace std::string_literals;

std::string as_quoted(std::string_view text, std::size_t bytes_max = logged_text_bytes_max) {
  std::string out;
  append_quoted(out, text, bytes_max);
  return out;
}

TEST(append_quoted, leaves_text_alone) {
  EXPECT_EQ(as_quoted(""), R"("")");
  EXPECT_EQ(as_quoted("logs/app 1.gz"), R"("logs/app 1.gz")");
  EXPECT_EQ(as_quoted("Grüße €😀"), "\"Grüße €😀\"");
}

TEST(append_quoted, escapes_what_would_break_the_line_or_the_quotes) {
  EXPECT_EQ(as_quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(as_quoted("a\nb\rc\td"), R"("a\nb\rc\td")");
  EXPECT_EQ(as_quoted("\0\x01\x1b[2J\x7f"s), R"("\u0000\u0001\u001b[2J\u007f")");
}

TEST(append_quoted, escapes_controls_beyond_ascii) {
  EXPECT_EQ(as_quoted("\xc2\x85\xc2\x9b"), R"("\u0085\u009b")");
  EXPECT_EQ(as_quoted("\xe2\x80\xa8\xe2\x80\xa9"), R"("\u2028\u2029")");
  EXPECT_EQ(as_quoted("\xc2\xa0"), "\"\xc2\xa0\"");
}

TEST(append_quoted, replaces_what_is_not_utf8) {
  const std::string bad = "�";
  EXPECT_EQ(as_quoted("\xff"), '"' + bad + '"');
  EXPECT_EQ(as_quoted("a\xc3"), "\"a" + bad + '"');
  EXPECT_EQ(as_quoted("\xc3("), '"' + bad + "(\"");
  EXPECT_EQ(as_quoted("\xe2\x82x"), '"' + bad + "x\"");
  EXPECT_EQ(as_quoted("\xc0\xaf"), '"' + bad + bad + '"');
  EXPECT_EQ(as_quoted("\xed\xa0\x80"), '"' + bad + bad + bad + '"');
  EXPECT_EQ(as_quoted("\xf4\x90\x80\x80"), '"' + bad + bad + bad + bad + '"');
  EXPECT_EQ(as_quoted("\xe0\x80\x80"), '"' + bad + bad + bad + '"');
}

TEST(append_quoted, cuts_long_text_between_characters) {
  EXPECT_EQ(as_quoted("abcdef", 6), R"("abcdef")");
  EXPECT_EQ(as_quoted("abcdefg", 6), "\"abcdef…\"");
  EXPECT_EQ(as_quoted("abcde€", 6), "\"abcde…\"");
  EXPECT_LT(as_quoted(std::string(1U << 20U, 'x')).size(), logged_text_bytes_max + 10);
}

TEST(append_printable, keeps_a_line_a_line) {
  std::string out;
  append_printable(out, "say \"hi\" to C:\\x\n\x1b[31m\xff\u2028.");
  EXPECT_EQ(out, "say \"hi\" to C:\\x\\n\\u001b[31m\uFFFD\\u2028.");
}

TEST(html, escapes_markup_and_quotes) {
  EXPECT_EQ(html("<script>alert(\"x\" & 'y')</script>"),
            "&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;");
}

TEST(html, replaces_controls_and_what_is_not_utf8) {
  EXPECT_EQ(html("a\x1b\xff\0b"s), "a���b");
  EXPECT_EQ(html("a\tb\nü"), "a\tb\nü");
}

TEST(append_printable, shows_marks_that_change_the_order) {
  std::string out;
  append_printable(out, "\u202egnp.exe \u2066\u2069\u200f");
  EXPECT_EQ(out, "\\u202egnp.exe \\u2066\\u2069\\u200f");
}

}  // namespace
}  // namespace ingestor::telemetry
