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
  return !check && check.error().kind == error_kind::binary;
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
  EXPECT_THAT(check.error().message, HasSubstr("NUL byte at byte 2"));
  EXPECT_STREQ(check.error().stage(), "decode");
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

TEST(text_prefix, leaves_a_bad_line_among_json_objects_to_be_rejected_alone) {
  EXPECT_FALSE(is_binary("{\"a\":\"\xff\"}\n"));
  EXPECT_FALSE(is_binary("{\"a\":1}\n\xff\n"));
  EXPECT_FALSE(is_binary("\0\n \t\r{\"a\":1}\n"s));
  EXPECT_FALSE(is_binary("\xff\n{\"a\":1}", true)) << "the end of the object completes its line";
  EXPECT_TRUE(is_binary("\xff\n[1]\nx{\n"));
  EXPECT_FALSE(is_binary("\xef\xbb\xbf{\"a\":\"\xff\"}\n")) << "behind a byte order mark";
}

TEST(text_prefix, wants_that_line_complete) {
  EXPECT_TRUE(is_binary("\xff\n{" + std::string(5000, 'a') + "\n", false));
  EXPECT_FALSE(is_binary("{" + std::string(100, 'a') + "\n\xff" + std::string(5000, 'a'), false));
}

TEST(text_prefix, skips_the_utf8_mark_and_names_the_utf16_mark) {
  EXPECT_EQ(*check_text_prefix("\xef\xbb\xbf{}", true), 3U);
  EXPECT_EQ(*check_text_prefix("{}", true), 0U);
  for (const auto& begin : {"\xff\xfe{\0"s, "\xfe\xff\0{"s, "\xff\xfe\0\0"s}) {
    const auto check = check_text_prefix(begin, true);
    ASSERT_FALSE(check);
    EXPECT_EQ(check.error().kind, error_kind::unsupported);
    EXPECT_THAT(check.error().message, HasSubstr("UTF-16"));
  }
}

}  // namespace
}  // namespace ingestor::codec
