#include "pg/wire/copy_binary_reader.hpp"

#include "pg/wire/copy_binary.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::pg::wire {
namespace {

using namespace std::string_literals;

TEST(copy_binary_reader, reads_what_copy_buffer_wrote) {
  copy_buffer buffer;
  buffer.begin_row(3);
  buffer.text("first");
  buffer.null();
  buffer.int4(7);
  buffer.begin_row(1);
  buffer.text("");
  buffer.finish();
  copy_binary_reader reader{buffer.bytes()};

  const auto first = reader.next();
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 3U);
  EXPECT_EQ(as_text(*(*first)[0]), "first");
  EXPECT_FALSE((*first)[1]);
  EXPECT_EQ(as_text(*(*first)[2]), "\0\0\0\x07"s);
  const auto second = reader.next();
  ASSERT_TRUE(second);
  ASSERT_EQ(second->size(), 1U);
  EXPECT_EQ(as_text(*(*second)[0]), "");
  const auto end = reader.next();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->empty());
}

TEST(copy_binary_reader, names_what_is_malformed) {
  const auto verdict = [](const std::string& body) {
    const auto stream = std::string{copy_header} + body;
    const auto row = copy_binary_reader{as_bytes(stream)}.next();
    return row ? "well-formed"s : std::to_string(static_cast<int>(row.error()));
  };
  const auto code = [](copy_malformed why) { return std::to_string(static_cast<int>(why)); };
  EXPECT_EQ(verdict("\0"s), code(copy_malformed::cut_short));
  EXPECT_EQ(verdict("\0\0"s), code(copy_malformed::field_count));
  EXPECT_EQ(verdict("\xff\xfe"s), code(copy_malformed::field_count));
  EXPECT_EQ(verdict("\0\x01\0\0"s), code(copy_malformed::cut_short));
  EXPECT_EQ(verdict("\0\x01\0\0\0\x05wxyz"s), code(copy_malformed::cut_short));
  EXPECT_EQ(verdict("\0\x01\xff\xff\xff\xfe"s), code(copy_malformed::field_length));
  const auto short_header = copy_binary_reader{as_bytes("PGCOPY\n")}.next();
  ASSERT_FALSE(short_header);
  EXPECT_EQ(short_header.error(), copy_malformed::header);
}

}  // namespace
}  // namespace ingestor::pg::wire
