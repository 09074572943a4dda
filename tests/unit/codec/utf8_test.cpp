#include "codec/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingestor::codec {
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

}  // namespace
}  // namespace ingestor::codec
