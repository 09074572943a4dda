// The gzip side of line_reader, byte by byte: what is good, what is not, and why.
#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace ingestor::codec {
namespace {

using namespace std::string_literals;
using test::deflated;
using test::gz;
using test::header;
using test::le;
using test::read;
using test::trailer;
using testing::ElementsAre;
using testing::HasSubstr;

/// Feeding byte by byte and in one piece must come to the same.
test::reading read_each_way(const std::string& object) {
  const auto whole = read(object);
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 11U}) {
    const auto cut = read(object, {}, piece);
    EXPECT_EQ(cut.texts(), whole.texts()) << "fed by " << piece;
    EXPECT_EQ(cut.failure.has_value(), whole.failure.has_value()) << "fed by " << piece;
    if (cut.failure && whole.failure) {
      EXPECT_EQ(cut.failure->kind, whole.failure->kind) << "fed by " << piece;
    }
  }
  return whole;
}

void expect_failure(const std::string& object, error_kind kind, const std::string& words) {
  const auto outcome = read_each_way(object);
  ASSERT_TRUE(outcome.failure) << words;
  EXPECT_EQ(outcome.failure->kind, kind) << outcome.failure->message;
  EXPECT_THAT(outcome.failure->message, HasSubstr(words));
  EXPECT_STREQ(outcome.failure->stage(), "inflate");
}

TEST(gzip, reads_any_number_of_members) {
  const auto outcome = read_each_way(gz("a\nb") + gz("c\n") + gz("") + gz("d") + gz("e\n"));
  EXPECT_FALSE(outcome.failure);
  EXPECT_THAT(outcome.texts(), ElementsAre("a", "bc", "de"));
}

TEST(gzip, reads_every_kind_of_block) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "line " + std::to_string(i * 7919 % 1000) + "\n";
  for (const int level : {0, 1, 6, 12}) {
    const auto outcome = read(gz(text, level));
    EXPECT_FALSE(outcome.failure);
    EXPECT_EQ(outcome.lines.size(), 3000U);
    EXPECT_EQ(outcome.lines.back().text, "line " + std::to_string(2999 * 7919 % 1000));
  }
  // One fixed block, as RFC 1951 has it: the letter a, then the end of the block.
  EXPECT_THAT(read_each_way(header() + "\x4b\x04\x00"s + trailer("a")).texts(), ElementsAre("a"));
}

TEST(gzip, takes_an_empty_member_for_an_empty_file) {
  const auto outcome = read_each_way(gz(""));
  EXPECT_FALSE(outcome.failure);
  EXPECT_TRUE(outcome.lines.empty());
}

TEST(gzip, skips_every_optional_header_field) {
  const auto extra = le(5, 2) + "ex\0ra"s;
  const auto name = "app-1.ndjson\0"s;
  const auto comment = "a comment\0"s;
  const auto body = deflated("a\n") + trailer("a\n");
  for (unsigned flags = 0; flags < 32; ++flags) {
    auto head = header(static_cast<unsigned char>(flags));
    if ((flags & 4) != 0) head += extra;
    if ((flags & 8) != 0) head += name;
    if ((flags & 16) != 0) head += comment;
    if ((flags & 2) != 0) head += le(libdeflate_crc32(0, head.data(), head.size()) & 0xffff, 2);
    const auto outcome = read_each_way(head + body + head + body);
    EXPECT_FALSE(outcome.failure) << flags << ' ' << outcome.failure->message;
    EXPECT_THAT(outcome.texts(), ElementsAre("a", "a")) << flags;
  }
  const auto no_extra = header(4) + le(0, 2) + body;
  EXPECT_THAT(read_each_way(no_extra).texts(), ElementsAre("a"));
}

TEST(gzip, refuses_a_header_it_cannot_trust) {
  const auto rest = deflated("a\n") + trailer("a\n");
  expect_failure(header(2) + "\x12\x34" + rest, error_kind::corrupt, "header's checksum");
  expect_failure(header(0x20) + rest, error_kind::corrupt, "reserved");
  expect_failure(header(0x80) + rest, error_kind::corrupt, "reserved");
  auto method = gz("a\n");
  method[2] = 7;
  expect_failure(method, error_kind::corrupt, "compression method 7");
}

TEST(gzip, verifies_checksum_and_length) {
  const auto member = gz("some text\n");
  for (std::size_t i = 1; i <= 8; ++i) {
    auto bad = member;
    bad[bad.size() - i] = static_cast<char>(bad[bad.size() - i] ^ 0x40);
    expect_failure(bad, error_kind::corrupt, i > 4 ? "CRC-32" : "length");
    expect_failure(gz("good\n") + bad, error_kind::corrupt, "gzip member 2");
  }
}

TEST(gzip, refuses_data_that_ends_early_wherever_it_ends) {
  const auto object = gz("first\n") + gz("second, a little longer\n");
  const auto boundary = gz("first\n").size();
  for (std::size_t kept = 2; kept < object.size(); ++kept) {
    if (kept == boundary) continue;
    expect_failure(object.substr(0, kept), error_kind::truncated, "ends too early");
  }
}

TEST(gzip, refuses_damaged_blocks) {
  expect_failure(header() + "\x07"s + std::string(20, 'x'), error_kind::corrupt, "DEFLATE block");
  // A fixed block that begins with a copy from before the data.
  expect_failure(header() + "\x03\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s,
                 error_kind::corrupt, "DEFLATE");
}

TEST(gzip, allows_zeros_after_the_last_member_and_nothing_else) {
  for (const std::size_t zeros : {1U, 2U, 511U, 70'000U}) {
    const auto outcome = read(gz("a\n") + std::string(zeros, '\0'));
    EXPECT_FALSE(outcome.failure) << zeros;
    EXPECT_THAT(outcome.texts(), ElementsAre("a"));
  }
  for (const auto& garbage : {"x"s, "\n"s, "\0\0x"s, "\x1fx"s, "\0"s + gz("b\n"), "{\"a\":1}"s}) {
    expect_failure(gz("a\n") + garbage, error_kind::trailing_garbage, "neither");
  }
}

TEST(gzip, agrees_with_itself_over_random_data_and_cuts) {
  std::mt19937 random{7};
  std::string text;
  for (int i = 0; i < 400'000; ++i) {
    text.push_back(random() % 40 == 0 ? '\n' : static_cast<char>('a' + random() % 20));
  }
  const auto object = gz(text.substr(0, 1000)) + gz(text.substr(1000), 1);
  const auto plain = read(text);
  for (int round = 0; round < 10; ++round) {
    const auto outcome = read(object, {}, 1 + random() % 50'000);
    ASSERT_FALSE(outcome.failure);
    EXPECT_EQ(outcome.texts(), plain.texts());
  }
}

}  // namespace
}  // namespace ingestor::codec
