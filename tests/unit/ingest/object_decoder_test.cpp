#include "ingest/object_decoder.hpp"

#include "pg/wire/copy_binary_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace ingestor::ingest {
namespace {

using step = object_decoder::step;
using namespace std::string_literals;
using testing::HasSubstr;

constexpr normalise::source from{7, timestamp{std::chrono::seconds{1'700'000'000}}};

struct decoded {
  /// Of the end, or of the failure.
  std::string end;
  object_totals totals;
  std::size_t stagings = 0;
};

std::string name_of(step at) {
  switch (at) {
    case step::need_input:
      return "need_input";
    case step::slice_done:
      return "slice_done";
    case step::staging_full:
      return "staging_full";
    case step::restart_as_text:
      return "restart_as_text";
    case step::end:
      return "end";
  }
  return "";
}

decoded decode(object_decoder& decoder, const std::string& object, object_format format,
               staging& into, std::size_t piece_bytes = 1000) {
  decoder.begin(from, format);
  decoded done;
  std::size_t at = 0;
  for (;;) {
    const auto next = decoder.advance(into);
    done.totals = decoder.totals();
    if (!next) {
      done.end = std::string{name(next.error().at)} + ": " + next.error().text;
      return done;
    }
    if (*next == step::staging_full) {
      ++done.stagings;
      into.clear();
    } else if (*next == step::need_input) {
      if (at == object.size()) {
        decoder.finish();
        continue;
      }
      const auto piece = std::string_view{object}.substr(at, piece_bytes);
      decoder.feed(as_bytes(piece));
      at += piece.size();
    } else if (*next != step::slice_done) {
      done.end = name_of(*next);
      return done;
    }
  }
}

decoded decode(const std::string& object, object_format format = object_format::json_lines) {
  object_decoder decoder{{}};
  staging into;
  return decode(decoder, object, format, into);
}

TEST(object_decoder, keeps_the_neighbours_of_a_bad_line) {
  const auto done = decode("{\"a\":1}\nnot json\n[1]\n{\"a\":2}\n");
  EXPECT_EQ(done.end, "end");
  EXPECT_EQ(done.totals.rows, 2U);
  EXPECT_EQ(done.totals.lines_rejected, 2U);
  using normalise::reject_code;
  EXPECT_EQ(done.totals.rejected_by_code[static_cast<std::size_t>(reject_code::not_json)], 1U);
  EXPECT_EQ(done.totals.rejected_by_code[static_cast<std::size_t>(reject_code::not_an_object)], 1U);
}

TEST(object_decoder, knows_the_span_of_the_times) {
  const auto done = decode("{\"time\":2000}\n{\"time\":1000}\n{\"time\":3000}\n");
  EXPECT_EQ(done.totals.first_timestamp, timestamp{std::chrono::seconds{1}});
  EXPECT_EQ(done.totals.last_timestamp, timestamp{std::chrono::seconds{3}});
}

TEST(object_decoder, asks_for_text_when_no_line_is_an_object) {
  object_decoder decoder{{}};
  staging into;
  const auto first = decode(decoder, "one\ntwo\n", object_format::json_lines, into);
  EXPECT_EQ(first.end, "restart_as_text");
  EXPECT_TRUE(into.empty());
  const auto second = decode(decoder, "one\ntwo\n", object_format::text, into);
  EXPECT_EQ(second.end, "end");
  EXPECT_EQ(second.totals.rows, 2U);
  EXPECT_EQ(second.totals.lines_rejected, 0U);
  EXPECT_EQ(into.rows.rows(), 2U);
}

TEST(object_decoder, looks_at_a_hundred_lines_before_it_decides) {
  std::string lines;
  for (int n = 1; n <= 99; ++n) lines += "text\n";
  EXPECT_EQ(decode(lines + "{}\ntext\n").end, "end");
  EXPECT_EQ(decode(lines + "text\n{}\n").end, "restart_as_text");
}

TEST(object_decoder, stages_nothing_that_leaves_before_the_format_is_known) {
  // Each of these fills a sixteenth of the rejects' buffer.
  const auto line = std::string(std::size_t{64} * 1024, 'x') + "\n";
  std::string lines;
  for (int n = 1; n <= 40; ++n) lines += line;
  EXPECT_EQ(decode(lines).stagings, 0U);
  const auto json = decode(lines + "{}\n");
  EXPECT_EQ(json.end, "end");
  EXPECT_EQ(json.stagings, 1U);
  EXPECT_EQ(json.totals.lines_rejected, 40U);
}

TEST(object_decoder, hands_full_stagings_over_without_losing_a_row) {
  std::string object;
  constexpr std::uint64_t lines = 30'000;
  for (std::uint64_t n = 0; n < lines; ++n) {
    object += "{\"msg\":\"" + std::string(200, 'm') + "\"}\n";
  }
  object_decoder decoder{{}};
  staging into;
  decoder.begin(from, object_format::json_lines);
  decoder.feed(as_bytes(object));
  std::uint64_t rows = 0;
  std::size_t handed_over = 0;
  for (bool ended = false; !ended;) {
    const auto next = decoder.advance(into);
    ASSERT_TRUE(next);
    if (*next == step::need_input) decoder.finish();
    if (*next == step::staging_full) ++handed_over;
    ended = *next == step::end;
    if (*next == step::staging_full || ended) {
      EXPECT_LT(into.rows.size(), rows_bytes_full + 4096);
      rows += into.rows.rows();
      into.clear();
    }
  }
  EXPECT_EQ(rows, lines);
  EXPECT_GT(handed_over, 1U);
}

TEST(object_decoder, cuts_short_lines_into_slices_too) {
  constexpr std::uint64_t slice_lines_max = 1100;
  for (const auto* const line : {"{}\n", "x\n"}) {
    std::string object = "{}\n";
    for (int n = 0; n < 10'000; ++n) object += line;
    object_decoder decoder{{}};
    staging into;
    decoder.begin(from, object_format::json_lines);
    decoder.feed(as_bytes(object));
    std::uint64_t before = 0;
    for (auto next = decoder.advance(into); *next != step::need_input;
         next = decoder.advance(into)) {
      const auto lines = decoder.totals().rows + decoder.totals().lines_rejected;
      EXPECT_LE(lines - before, slice_lines_max);
      before = lines;
      if (*next == step::staging_full) into.clear();
    }
  }
}

TEST(object_decoder, fails_above_the_reject_limit) {
  decoder_terms terms{};
  terms.reject_share_max = 0.5;
  object_decoder decoder{terms};
  staging into;
  EXPECT_EQ(decode(decoder, "{}\nx\n", object_format::json_lines, into).end, "end");
  const auto done = decode(decoder, "{}\nx\nx\n", object_format::json_lines, into);
  EXPECT_EQ(done.end, "decode: 2 of 3 lines were rejected, more than INGESTOR_REJECT_LIMIT allows");
}

TEST(object_decoder, judges_again_with_what_the_database_refused) {
  decoder_terms terms{};
  terms.reject_share_max = 0.5;
  const object_decoder decoder{terms};
  object_totals totals{};
  totals.rows = 2;
  totals.count_rejected(normalise::reject_code::not_json);
  totals.count_rejected(normalise::reject_code::refused_by_database);
  EXPECT_FALSE(decoder.too_many_rejected(totals));
  totals.count_rejected(normalise::reject_code::refused_by_database);
  const auto why = decoder.too_many_rejected(totals);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->at, stage::write);
  EXPECT_EQ(why->text,
            "3 of 5 lines were rejected, 2 of them by the database, more than "
            "INGESTOR_REJECT_LIMIT allows");
}

TEST(object_decoder, keeps_the_lines_of_rows_with_care_alone) {
  object_decoder decoder{{}};
  staging into;
  const std::string object = "{\"time\":1000}\r\nnot json\n  {\"a\":\"\\u0000\"}\n";
  (void)decode(decoder, object, object_format::json_lines, into);
  EXPECT_EQ(into.lines.size(), 0U);
  into.begin(care::each_row);
  (void)decode(decoder, object, object_format::json_lines, into);
  ASSERT_EQ(into.lines.size(), into.rows.rows());
  EXPECT_EQ(into.lines[0].raw, "{\"time\":1000}");
  EXPECT_EQ(into.lines[0].outcome.at, timestamp{std::chrono::seconds{1}});
  EXPECT_EQ(into.lines[1].number, 3U);
  EXPECT_EQ(into.lines[1].byte_offset, object.find("  {"));
  EXPECT_EQ(into.lines[1].raw, "  {\"a\":\"\\u0000\"}") << "not as it was repaired";
  EXPECT_TRUE(into.lines[1].outcome.repaired);
  into.clear();
  EXPECT_EQ(into.lines.size(), 0U);
}

TEST(object_decoder, counts_kept_lines_into_a_full_staging) {
  std::string object;
  for (int n = 0; n < 20'000; ++n) object += "{\"msg\":\"" + std::string(100, 'm') + "\"}\n";
  object_decoder decoder{{}};
  staging into;
  const auto fast = decode(decoder, object, object_format::json_lines, into).stagings;
  into.begin(care::each_row);
  decoder.begin(from, object_format::json_lines);
  decoder.feed(as_bytes(object));
  std::size_t handed_over = 0;
  for (auto next = decoder.advance(into); *next != step::need_input; next = decoder.advance(into)) {
    EXPECT_LT(into.rows.size() + into.lines.bytes(), rows_bytes_full + 4096);
    if (*next != step::staging_full) continue;
    ++handed_over;
    into.clear();
  }
  EXPECT_GT(handed_over, fast);
}

TEST(object_decoder, rejects_long_lines_by_name) {
  decoder_terms terms{};
  terms.limits.line_bytes_max = 10;
  object_decoder decoder{terms};
  staging into;
  const auto done =
      decode(decoder, "{\"a\":1234}\n{\"a\":12345}\n", object_format::json_lines, into);
  EXPECT_EQ(done.totals.rows, 1U);
  EXPECT_EQ(done.totals.lines_rejected, 1U);
}

TEST(object_decoder, gives_a_failure_the_stage_it_happened_in) {
  const auto truncated = decode("\x1f\x8b\x08\0"s);
  EXPECT_TRUE(truncated.end.starts_with("inflate: ")) << truncated.end;
  const auto binary = decode("\x7f"s + "ELF\0\0\0\0"s);
  EXPECT_TRUE(binary.end.starts_with("decode: ")) << binary.end;
}

TEST(object_decoder, fails_binary_data_whatever_its_lines_begin_with) {
  const auto utf16 = [](std::string_view text) {
    std::string out;
    for (const char each : text) out += std::string{each} + '\0';
    return out;
  };
  EXPECT_THAT(decode("{\"msg\":\"caf\xe9\"}\n").end, HasSubstr("binary"));
  EXPECT_THAT(decode(utf16("{\"msg\":\"a\"}\n{\"msg\":\"b\"}\n")).end, HasSubstr("binary"));
  constexpr std::size_t bytes = 20'000;
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::minstd_rand chance{seed};
    std::string object{"\x9c\n{"};
    while (object.size() < bytes) object += static_cast<char>(chance() >> 8);
    EXPECT_THAT(decode(object).end, HasSubstr("decode: binary")) << seed;
  }
}

TEST(object_decoder, rejects_binary_lines_among_json_objects_alone) {
  for (const auto& object : {"{\"a\":\"\xff\"}\n{}\n"s, "\0\n{}\n"s, "{}\n\xff\n"s, "\xff\n{}"s,
                             "{\"a\":\"\xff" + std::string(5000, 'a') + "\"}\n{}\n"}) {
    const auto done = decode(object);
    EXPECT_EQ(done.end, "end") << object;
    EXPECT_EQ(done.totals.rows, 1U) << object;
    EXPECT_EQ(done.totals.lines_rejected, 1U) << object;
  }
}

TEST(object_decoder, is_as_new_for_the_next_object) {
  object_decoder decoder{{}};
  staging into;
  (void)decode(decoder, "{}\nbad\n", object_format::json_lines, into);
  into.clear();
  const auto second = decode(decoder, "{}\n", object_format::json_lines, into);
  EXPECT_EQ(second.totals.rows, 1U);
  EXPECT_EQ(second.totals.lines_rejected, 0U);
}

}  // namespace
}  // namespace ingestor::ingest
