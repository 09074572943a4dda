#include "pg/wire/saslprep.hpp"

#include <gtest/gtest.h>

namespace ingestor::pg::wire {
namespace {

// RFC 4013, section 3, and what PostgreSQL does with passwords that SASLprep refuses.
TEST(saslprep, examples_of_the_rfc) {
  EXPECT_EQ(saslprep("I\u00adX"), "IX") << "a soft hyphen is dropped";
  EXPECT_EQ(saslprep("user"), "user");
  EXPECT_EQ(saslprep("USER"), "USER") << "case stays";
  EXPECT_EQ(saslprep("\u00aa"), "a");
  EXPECT_EQ(saslprep("\u2168"), "IX");
}

TEST(saslprep, the_same_password_however_it_was_typed) {
  EXPECT_EQ(saslprep("u\u0308ber"), saslprep("\u00fcber"));
  EXPECT_EQ(saslprep("a\u00a0b"), "a b") << "a space is a space";
  EXPECT_EQ(saslprep("\uff50\uff41\uff53\uff53"), "pass") << "full width";
}

TEST(saslprep, what_it_refuses_stays_as_it_is) {
  for (const std::string password :
       {"\u0627\u0031", "\u00e4\x07", "\u00fc\ue000", "not UTF-8: \xff", "\xc3", "\u00ad",
        "unassigned in Unicode 3.2: \u0221"}) {
    EXPECT_EQ(saslprep(password), password);
  }
}

// PostgreSQL looks at the characters before it normalises them. Each of these it would take, or
// refuse, if it looked afterwards.
TEST(saslprep, what_is_refused_is_decided_before_normalisation) {
  EXPECT_EQ(saslprep("\u0340\u00aa"), "\u0340\u00aa") << "deprecated, though it becomes U+0300";
  EXPECT_EQ(saslprep("\u2135\u00aa"), "\u05d0a") << "left to right, though it becomes Hebrew";
  EXPECT_EQ(saslprep("\u037a\u00aa"), " \u0345a") << "a space comes of it";
}

TEST(saslprep, what_unicode_corrected_after_3_2) {
  EXPECT_EQ(saslprep("\U0002f868\U0002f874\U0002f91f\U0002f95f\U0002f9bf"),
            "\u36fc\u5f53\U000243ab\u7aee\u45d7");
}

TEST(saslprep, ascii_is_left_alone) {
  const std::string all{"\x01\x7f ~"};
  EXPECT_EQ(saslprep(all), all);
  const std::string with_nul{"\xc3\xbc\0x", 4};
  EXPECT_EQ(saslprep(with_nul), with_nul);
  EXPECT_EQ(saslprep(""), "");
}

}  // namespace
}  // namespace ingestor::pg::wire
