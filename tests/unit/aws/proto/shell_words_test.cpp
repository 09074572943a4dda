#include "aws/proto/shell_words.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingestor::aws {
namespace {

using words = std::vector<std::string>;

TEST(shell_words, are_what_a_shell_makes_of_a_line) {
  EXPECT_EQ(shell_words(""), words{});
  EXPECT_EQ(shell_words("  a \t b\nc "), (words{"a", "b", "c"}));
  EXPECT_EQ(shell_words("'a b' \"c d\" e\\ f"), (words{"a b", "c d", "e f"}));
  EXPECT_EQ(shell_words("a'b'\"c\"d"), words{"abcd"});
  EXPECT_EQ(shell_words("'' \"\""), (words{"", ""}));
  EXPECT_EQ(shell_words(R"('a\b"c' "a\"b\\c\d")"), (words{R"(a\b"c)", R"(a"b\c\d)"}));
  EXPECT_EQ(shell_words("$HOME * | ; # x"), (words{"$HOME", "*", "|", ";", "#", "x"}));
}

TEST(shell_words, are_none_where_something_is_left_open) {
  for (const std::string line : {"'a", "\"a", "a\\", "\"a\\\"", "a 'b\" c"}) {
    EXPECT_EQ(shell_words(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace ingestor::aws
