#include "codec/text_prefix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::codec {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

bool is_binary(std::string_view begin, bool whole = true) {
  const auto check = check_text_prefix(begin, whole);
  return check && check->not_text && check->not_text->kind == error_kind::binary;
}

TEST(text_prefix, knows_text) {
  EXPECT_FALSE(is_binary(""));
  EXPECT_FALSE(is_binary("plain text\n\x01\x1b[0m\x7f"));
  EXPECT_FALSE(is_binary("caf\xc3\xa9"));
}

TEST(text_prefix, knows_binary_and_says_where) {
  EXPECT_TRUE(is_binary("ab\0c"s));
  EXPECT_TRUE(is_binary("caf\xe9 au lait\n"));
  const auto check = check_text_prefix("ab\0c"s, true);
  ASSERT_TRUE(check && check->not_text);
  EXPECT_THAT(check->not_text->message, HasSubstr("NUL byte at byte 2"));
  EXPECT_STREQ(check->not_text->stage(), "decode");
}

TEST(text_prefix, looks_at_the_first_4_kib_only) {
  EXPECT_TRUE(is_binary(std::string(4095, 'a') + '\0', false));
  EXPECT_FALSE(is_binary(std::string(4096, 'a') + '\0', false));
}

TEST(text_prefix, forgives_a_sequence_cut_by_its_edge_alone) {
  const auto text = std::string(4095, 'a') + "\xc3\xa9";
  EXPECT_FALSE(is_binary(text, true));
  EXPECT_FALSE(is_binary(text, false));
  EXPECT_TRUE(is_binary(std::string(4095, 'a') + '\xc3', true)) << "the object ends there";
  EXPECT_TRUE(is_binary("\xc3", true));
}

TEST(text_prefix, is_not_talked_out_of_it_by_a_brace) {
  EXPECT_TRUE(is_binary("{\0\"\0a\0\"\0:\0001\0}\0\n\0"s)) << "UTF-16 without a mark";
  EXPECT_TRUE(is_binary("{\"a\":1}\n\xff\n"));
  EXPECT_TRUE(is_binary("\xef\xbb\xbf{\"a\":\"\xff\"}\n")) << "behind a byte order mark";
}

TEST(text_prefix, skips_the_utf8_mark_and_names_the_utf16_mark) {
  EXPECT_EQ(check_text_prefix("\xef\xbb\xbf{}", true)->mark_bytes, 3U);
  EXPECT_EQ(check_text_prefix("{}", true)->mark_bytes, 0U);
  for (const auto& begin : {"\xff\xfe{\0"s, "\xfe\xff\0{"s, "\xff\xfe\0\0"s}) {
    const auto check = check_text_prefix(begin, true);
    ASSERT_FALSE(check);
    EXPECT_EQ(check.error().kind, error_kind::unsupported);
    EXPECT_THAT(check.error().message, HasSubstr("UTF-16"));
  }
}

TEST(text_prefix, takes_utf32_for_utf16_or_for_binary) {
  EXPECT_FALSE(check_text_prefix("\xff\xfe\0\0{\0\0\0"s, true));
  EXPECT_TRUE(is_binary("\0\0\xfe\xff\0\0\0{"s));
}

}  // namespace
}  // namespace ingestor::codec
