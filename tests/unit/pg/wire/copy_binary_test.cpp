#include "pg/wire/copy_binary.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace ingestor::pg::wire {
namespace {

using namespace std::string_literals;

const std::string header = "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"s;

std::string text_of(const copy_buffer& buffer) {
  return std::string{as_text(buffer.bytes())};
}

TEST(copy_buffer, begins_with_the_header_and_ends_with_the_trailer) {
  copy_buffer buffer;
  EXPECT_FALSE(buffer.finished());
  EXPECT_FALSE(buffer.columns());
  buffer.finish();
  EXPECT_TRUE(buffer.finished());
  EXPECT_EQ(text_of(buffer), header + "\xff\xff"s);
  EXPECT_EQ(buffer.rows(), 0U);
}

TEST(copy_buffer, writes_each_type_as_the_server_reads_it) {
  copy_buffer buffer;
  buffer.begin_row(8);
  EXPECT_EQ(buffer.columns(), 8U);
  buffer.null();
  buffer.boolean(true);
  buffer.int2(-2);
  buffer.int4(0x01020304);
  buffer.text("ab");
  buffer.jsonb("{}");
  buffer.float8(1.5);
  buffer.timestamptz(timestamp{std::chrono::microseconds{946684800'000'001}});
  EXPECT_EQ(text_of(buffer), header +
                                 "\0\x08"s
                                 "\xff\xff\xff\xff"s
                                 "\0\0\0\x01\x01"s
                                 "\0\0\0\x02\xff\xfe"s
                                 "\0\0\0\x04\x01\x02\x03\x04"s
                                 "\0\0\0\x02"s
                                 "ab"
                                 "\0\0\0\x03\x01{}"s
                                 "\0\0\0\x08\x3f\xf8\0\0\0\0\0\0"s
                                 "\0\0\0\x08\0\0\0\0\0\0\0\x01"s);
}

TEST(copy_buffer, takes_the_last_row_back_whole) {
  copy_buffer buffer;
  buffer.begin_row(1);
  buffer.text("kept");
  const auto before = text_of(buffer);
  buffer.begin_row(2);
  buffer.text("half a row");
  buffer.rollback_row();
  EXPECT_EQ(text_of(buffer), before);
  EXPECT_EQ(buffer.rows(), 1U);
}

TEST(copy_buffer, appends_rows_without_the_header) {
  copy_buffer first;
  first.begin_row(1);
  first.int8(1);
  copy_buffer second;
  second.begin_row(1);
  second.int8(2);
  first.append_rows(second);
  EXPECT_EQ(first.rows(), 2U);
  EXPECT_EQ(first.size(), header.size() + 2 * (2 + 4 + 8));
}

copy_buffer rows_of_texts(const std::vector<std::string>& texts) {
  copy_buffer rows;
  for (const auto& text : texts) {
    rows.begin_row(2);
    rows.null();
    rows.text(text);
  }
  return rows;
}

TEST(copy_buffer, knows_where_its_rows_begin) {
  constexpr std::size_t row = 2 + 4 + 4;
  EXPECT_EQ(copy_buffer{}.row_offsets(), (std::vector<std::size_t>{header.size()}));
  auto rows = rows_of_texts({"a", "", "ccc"});
  const std::vector<std::size_t> offsets{header.size(), header.size() + row + 1,
                                         header.size() + 2 * row + 1, header.size() + 3 * row + 4};
  EXPECT_EQ(rows.row_offsets(), offsets);
  rows.finish();
  EXPECT_EQ(rows.row_offsets(), offsets) << "the trailer is no row";
}

TEST(copy_buffer, appends_some_of_the_rows) {
  auto all = rows_of_texts({"a", "bb", "", "dddd"});
  all.finish();
  const auto offsets = all.row_offsets();
  for (std::size_t first = 0; first <= 4; ++first) {
    for (std::size_t last = first; last <= 4; ++last) {
      const std::vector<std::string> texts{"a", "bb", "", "dddd"};
      const auto wanted = rows_of_texts({texts.begin() + static_cast<std::ptrdiff_t>(first),
                                         texts.begin() + static_cast<std::ptrdiff_t>(last)});
      copy_buffer some;
      some.append_rows(all, offsets, first, last);
      EXPECT_EQ(text_of(some), text_of(wanted)) << first << " to " << last;
      EXPECT_EQ(some.rows(), wanted.rows());
    }
  }
}

}  // namespace
}  // namespace ingestor::pg::wire
