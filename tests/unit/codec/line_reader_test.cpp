#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::codec {
namespace {

using namespace std::string_literals;
using test::gz;
using test::read;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(line_reader, takes_an_object_for_what_its_bytes_say) {
  for (const auto& object : {"a\nb\n"s, gz("a\nb\n")}) {
    for (const std::size_t piece : {1U, 3U, 100U}) {
      EXPECT_THAT(read(object, {}, piece).texts(), ElementsAre("a", "b"));
    }
  }
}

TEST(line_reader, reads_objects_shorter_than_any_magic) {
  for (const auto& object : {"x"s, "xy"s, "xyz"s, "\x1f"s, "\x28\xb5\x2f"s + "z"}) {
    const auto outcome = read(object, {}, 1);
    if (object[0] == '\x28') {
      EXPECT_TRUE(outcome.not_text);
    } else {
      EXPECT_THAT(outcome.texts(), ElementsAre(object));
    }
  }
}

TEST(line_reader, finds_no_line_in_an_empty_object) {
  line_reader reader{{}};
  EXPECT_EQ(reader.compression(), "");
  EXPECT_TRUE(std::holds_alternative<need_input>(*reader.next()));
  reader.finish();
  EXPECT_TRUE(std::holds_alternative<end>(*reader.next()));
  EXPECT_TRUE(std::holds_alternative<end>(*reader.next()));
  EXPECT_EQ(reader.compression(), "none");
  EXPECT_EQ(reader.lines(), 0U);
}

TEST(line_reader, counts_bytes_and_lines) {
  const auto text = "a\n\nb\n"s;
  const auto object = gz(text);
  line_reader reader{{}};
  read(reader, object, 5);
  EXPECT_EQ(reader.compression(), "gzip");
  EXPECT_EQ(reader.bytes_compressed(), object.size());
  EXPECT_EQ(reader.bytes_inflated(), text.size());
  EXPECT_EQ(reader.lines(), 3U);
  reader.reset();
  read(reader, text, 2);
  EXPECT_EQ(reader.compression(), "none");
  EXPECT_EQ(reader.bytes_compressed(), text.size());
  EXPECT_EQ(reader.bytes_inflated(), text.size());
}

TEST(line_reader, skips_a_byte_order_mark_and_counts_its_bytes) {
  for (const auto& object : {"\xef\xbb\xbf{}\nb\n"s, gz("\xef\xbb\xbf{}\nb\n")}) {
    for (const std::size_t piece : {1U, 100U}) {
      const auto outcome = read(object, {}, piece);
      ASSERT_EQ(outcome.lines.size(), 2U);
      EXPECT_EQ(outcome.lines[0].text, "{}");
      EXPECT_EQ(outcome.lines[0].byte_offset, 3U);
      EXPECT_EQ(outcome.lines[1].byte_offset, 6U);
    }
  }
  EXPECT_TRUE(read("\xef\xbb\xbf").lines.empty());
}

TEST(line_reader, knows_before_any_line_that_its_object_is_not_text) {
  for (const auto& object : {"line\n\0\n"s, gz("line\n\0\n"s), gz(gz("a\n"))}) {
    line_reader reader{{}};
    reader.feed(as_bytes(object));
    reader.finish();
    const auto first = reader.next();
    ASSERT_TRUE(first && std::holds_alternative<line>(*first));
    ASSERT_TRUE(reader.not_text());
    EXPECT_EQ(reader.not_text()->kind, error_kind::binary);
    reader.reset();
    EXPECT_FALSE(reader.not_text());
  }
}

TEST(line_reader, decides_alike_however_the_first_4_kib_arrive) {
  const auto edge = std::string(4095, 'a') + "\xc3\xa9\n"s;
  const auto bad = std::string(4095, 'a') + "\xc3";
  for (const std::size_t piece : {1U, 4095U, 4096U, 4097U, 10'000U}) {
    EXPECT_FALSE(read(edge, {}, piece).not_text) << piece;
    EXPECT_FALSE(read(gz(edge), {}, piece).not_text) << piece;
    EXPECT_TRUE(read(bad, {}, piece).not_text) << piece;
    EXPECT_TRUE(read(gz(bad), {}, piece).not_text) << piece;
  }
}

TEST(line_reader, names_formats_it_does_not_read) {
  const auto zstd = read("\x28\xb5\x2f\xfd rest"s);
  ASSERT_TRUE(zstd.failure);
  EXPECT_EQ(zstd.failure->kind, error_kind::unsupported);
  EXPECT_THAT(zstd.failure->message, HasSubstr("zstd"));
  const auto utf16 = read(gz("\xff\xfe{\0}\0"s));
  ASSERT_TRUE(utf16.failure);
  EXPECT_EQ(utf16.failure->kind, error_kind::unsupported);
}

TEST(line_reader, stops_at_the_limit_of_inflated_bytes) {
  const std::string text(10'000, 'a');
  for (const auto& object : {text, gz(text)}) {
    EXPECT_FALSE(read(object, {.object_bytes_max = 10'000}).failure);
    const auto outcome = read(object, {.object_bytes_max = 9'999});
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->kind, error_kind::too_large);
    EXPECT_THAT(outcome.failure->message, HasSubstr("9999"));
  }
}

TEST(line_reader, inflates_no_more_than_a_slice_a_call) {
  const auto bomb = gz(std::string(std::size_t{20} << 20, 'a'));
  line_reader reader{{.line_bytes_max = 1000}};
  reader.feed(as_bytes(bomb));
  reader.finish();
  std::uint64_t before = 0;
  for (int calls = 0;; ++calls) {
    ASSERT_LT(calls, 1000);
    const auto next = reader.next();
    ASSERT_TRUE(next);
    EXPECT_LE(reader.bytes_inflated() - before, inflate_slice_bytes);
    before = reader.bytes_inflated();
    if (const auto* found = std::get_if<line>(&*next)) {
      EXPECT_TRUE(found->too_long);
      EXPECT_EQ(found->bytes, std::uint64_t{20} << 20);
      EXPECT_EQ(found->text.size(), raw_bytes_max);
      break;
    }
    EXPECT_TRUE(std::holds_alternative<again>(*next));
  }
}

TEST(line_reader, repeats_its_error_until_it_is_reset) {
  const auto zstd = "\x28\xb5\x2f\xfd"s;
  line_reader reader{{}};
  reader.feed(as_bytes(zstd));
  reader.finish();
  const auto first = reader.next();
  const auto second = reader.next();
  ASSERT_FALSE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(first.error().message, second.error().message);
  reader.reset();
  EXPECT_THAT(read(reader, gz("a\n"), 3).texts(), ElementsAre("a"));
  reader.reset();
  EXPECT_EQ(read(reader, gz("a\n").substr(0, 15), 3).failure->kind, error_kind::truncated);
  reader.reset();
  EXPECT_THAT(read(reader, gz("b\n"), 3).texts(), ElementsAre("b"));
}

}  // namespace
}  // namespace ingestor::codec
