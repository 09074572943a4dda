#include "codec/line_framer.hpp"

#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::codec {
namespace {

using testing::ElementsAre;

constexpr std::size_t roomy = 1024;

/// Frames a whole stream, fed in chunks of this many bytes.
std::vector<test::read_line> frame(std::string_view stream, std::size_t line_bytes_max = roomy,
                                   std::size_t chunk_bytes = roomy) {
  line_framer framer{line_bytes_max};
  std::vector<test::read_line> lines;
  while (true) {
    while (const auto found = framer.next()) {
      lines.push_back({found->number, found->byte_offset, std::string{found->text}, found->too_long,
                       found->bytes});
    }
    if (stream.empty()) break;
    framer.feed(stream.substr(0, chunk_bytes));
    stream.remove_prefix(std::min(chunk_bytes, stream.size()));
    if (stream.empty()) framer.finish();
  }
  return lines;
}

std::vector<std::string> texts(const std::vector<test::read_line>& lines) {
  std::vector<std::string> out;
  for (const auto& each : lines) out.push_back(each.text);
  return out;
}

TEST(line_framer, ends_lines_at_lf_and_takes_a_cr_before_it_along) {
  EXPECT_THAT(texts(frame("a\nb\r\nc\rd\n\re\nf\r\r\n")),
              ElementsAre("a", "b", "c\rd", "\re", "f\r"));
}

TEST(line_framer, counts_a_last_line_without_an_end) {
  EXPECT_THAT(texts(frame("a\nb")), ElementsAre("a", "b"));
  EXPECT_THAT(texts(frame("a\n")), ElementsAre("a"));
  EXPECT_THAT(texts(frame("a\r")), ElementsAre("a\r")) << "a CR alone does not end a line";
  EXPECT_TRUE(frame("").empty());
}

TEST(line_framer, counts_blank_lines_and_returns_none_of_them) {
  const auto lines = frame("\n  \n\t\r\r\n x\n\n \r");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].number, 4U);
  EXPECT_EQ(lines[0].byte_offset, 8U);
  EXPECT_EQ(lines[0].text, " x");

  line_framer framer{roomy};
  framer.feed("\n\na\n\n ");
  framer.finish();
  while (framer.next()) {
  }
  EXPECT_EQ(framer.lines(), 5U);
}

TEST(line_framer, gives_the_offset_of_each_first_byte_however_the_stream_is_cut) {
  const std::string_view stream = "first\r\n\nthird\n  fourth\r\r\n\tlast";
  for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
    const auto lines = frame(stream, roomy, chunk);
    ASSERT_EQ(lines.size(), 4U) << chunk;
    for (const auto& each : lines) {
      EXPECT_EQ(stream.substr(each.byte_offset, each.text.size()), each.text);
      EXPECT_EQ(each.bytes, each.text.size());
    }
    EXPECT_THAT(texts(lines), ElementsAre("first", "third", "  fourth\r", "\tlast"));
    EXPECT_EQ(lines[3].number, 5U);
  }
}

TEST(line_framer, begins_at_the_offset_it_is_given) {
  line_framer framer{roomy};
  framer.reset(3);
  framer.feed("a\nb\n");
  EXPECT_EQ(framer.next()->byte_offset, 3U);
  EXPECT_EQ(framer.next()->byte_offset, 5U);
}

TEST(line_framer, lets_a_line_of_exactly_the_limit_pass) {
  for (std::size_t chunk = 1; chunk <= 12; ++chunk) {
    for (const auto* stream : {"12345678\n", "12345678\r\n", "12345678"}) {
      const auto lines = frame(stream, 8, chunk);
      ASSERT_EQ(lines.size(), 1U);
      EXPECT_FALSE(lines[0].too_long) << stream << chunk;
      EXPECT_EQ(lines[0].text, "12345678");
    }
    for (const auto* stream : {"123456789\nx", "123456789\r\nx", "12345678\r\r\nx"}) {
      const auto lines = frame(stream, 8, chunk);
      ASSERT_EQ(lines.size(), 2U);
      EXPECT_TRUE(lines[0].too_long) << stream << chunk;
      EXPECT_EQ(lines[0].bytes, 9U);
      EXPECT_EQ(lines[0].text, std::string_view{stream}.substr(0, 9));
      EXPECT_EQ(lines[1].text, "x");
    }
    EXPECT_TRUE(frame("12345678\r", 8, chunk)[0].too_long) << "without LF the CR belongs to it";
  }
}

TEST(line_framer, keeps_the_first_64_kib_of_a_line_that_is_too_long) {
  std::string giant;
  for (int i = 0; giant.size() < 3 * raw_bytes_max; ++i) giant += std::to_string(i) + ' ';
  for (const std::size_t limit : {std::size_t{100}, raw_bytes_max, raw_bytes_max + 1000}) {
    for (const std::size_t chunk : {std::size_t{1000}, std::size_t{65537}, std::size_t{1} << 20}) {
      const auto lines = frame(giant + "\r\nnext\n", limit, chunk);
      ASSERT_EQ(lines.size(), 2U);
      EXPECT_TRUE(lines[0].too_long);
      EXPECT_EQ(lines[0].bytes, giant.size());
      EXPECT_EQ(lines[0].text, giant.substr(0, raw_bytes_max));
      EXPECT_EQ(lines[1].text, "next");
      EXPECT_EQ(lines[1].byte_offset, giant.size() + 2);
    }
  }
}

TEST(line_framer, keeps_a_line_of_exactly_the_limit_whole_however_long) {
  const std::size_t limit = 2 * raw_bytes_max;
  const auto text = std::string(limit, 'x');
  for (const std::size_t chunk : {limit, limit + 1, limit + 2}) {
    const auto lines = frame(text + "\r\nnext\n", limit, chunk);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_FALSE(lines[0].too_long);
    EXPECT_EQ(lines[0].text, text);
  }
}

TEST(line_framer, takes_a_blank_line_for_nothing_however_long) {
  const auto stream = std::string(5000, ' ') + "\r\nx\n" + std::string(5000, '\t');
  for (const std::size_t chunk : {7U, 4096U, 20000U}) {
    const auto lines = frame(stream, 100, chunk);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].number, 2U);
    EXPECT_EQ(lines[0].byte_offset, 5002U);
  }
  EXPECT_EQ(frame(std::string(5000, ' ') + "x", 100, 64).size(), 1U);
}

TEST(line_framer, forgets_everything_on_reset) {
  line_framer framer{8};
  framer.feed("a much too long line");
  EXPECT_FALSE(framer.next());
  framer.reset();
  framer.feed("b\n");
  framer.finish();
  const auto found = framer.next();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text, "b");
  EXPECT_EQ(found->number, 1U);
  EXPECT_FALSE(found->too_long);
  EXPECT_FALSE(framer.next());
}

}  // namespace
}  // namespace ingestor::codec
