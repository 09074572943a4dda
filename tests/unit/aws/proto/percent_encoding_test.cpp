#include "aws/proto/percent_encoding.hpp"

#include <gtest/gtest.h>

namespace ingestor::aws {
namespace {

using namespace std::string_literals;

TEST(encode_component, leaves_only_unreserved_characters) {
  EXPECT_EQ(encode_component("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(encode_component("a b+c%/\xc3\xa9*'()!"), "a%20b%2Bc%25%2F%C3%A9%2A%27%28%29%21");
}

TEST(encode_path, keeps_slashes) {
  EXPECT_EQ(encode_path("//a b/?#"), "//a%20b/%3F%23");
}

TEST(decode_listed, undoes_both_encodings_for_every_byte) {
  for (int value = 0; value < 256; ++value) {
    const std::string byte(1, static_cast<char>(value));
    EXPECT_EQ(decode_listed(encode_component(byte)), byte) << value;
    EXPECT_EQ(decode_listed(encode_path(byte)), byte) << value;
  }
}

TEST(decode_listed, takes_plus_for_a_space) {
  EXPECT_EQ(decode_listed("a+b%2Bc%20d"), "a b+c d");
  EXPECT_EQ(decode_listed("%e2%82%ac"), "\xe2\x82\xac");
}

TEST(decode_listed, refuses_what_is_cut_or_not_hexadecimal) {
  EXPECT_FALSE(decode_listed("%"));
  EXPECT_FALSE(decode_listed("a%4"));
  EXPECT_FALSE(decode_listed("%4g"));
  EXPECT_FALSE(decode_listed("%%41"));
  EXPECT_EQ(decode_listed("%41"), "A");
}

}  // namespace
}  // namespace ingestor::aws
