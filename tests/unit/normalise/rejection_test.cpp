#include "normalise/rejection.hpp"

#include "normalise/format_decision.hpp"
#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::normalise {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using state = format_decision::state;

TEST(rejection, names_each_code_as_the_contract_does) {
  std::vector<std::string> names;
  for (const auto code : reject_codes) names.emplace_back(name(code));
  EXPECT_THAT(names, ElementsAre("not_json", "not_an_object", "invalid_utf8", "too_long",
                                 "too_deep", "number_out_of_range", "refused_by_database"));
}

TEST(rejection, writes_code_and_detail_within_its_limit) {
  EXPECT_EQ((rejection{reject_code::not_json, "why"}.reason()), "not_json: why");
  EXPECT_EQ((rejection{reject_code::too_deep, ""}.reason()), "too_deep");
  const std::string fitting(detail_bytes_max - 1, 'x');
  const auto cut = rejection{reject_code::refused_by_database, fitting + "\u20ac"}.reason();
  EXPECT_EQ(cut, "refused_by_database: " + fitting) << "no half a character";
  EXPECT_EQ(line_too_long(2000, 1024).reason(),
            "too_long: 2000 bytes, the limit is 1024 (INGESTOR_MAX_LINE)");
}

TEST(rejection, becomes_a_row_of_rejected_line) {
  pg::wire::copy_buffer rejects;
  encode_rejection(5, 6, 7, {reject_code::not_json, "d"}, "raw\0\xff"s, rejects);
  encode_rejection(5, 8, 9, {reject_code::too_long, "d"}, std::string(70'000, 'x'), rejects);
  const auto rows = test::rows_in(rejects);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0], ElementsAre("\0\0\0\0\0\0\0\x05"s, "\0\0\0\0\0\0\0\x06"s,
                                   "\0\0\0\0\0\0\0\x07"s, "not_json: d"s, "raw\0\xff"s));
  EXPECT_EQ(rows[1][4]->size(), 65'536U);
  EXPECT_EQ(rows[0].size(), rejected_line_columns.size());
}

TEST(format_decision, is_json_lines_at_the_first_object) {
  format_decision decision;
  EXPECT_EQ(decision.now(), state::undecided);
  decision.saw(evidence::none, 1);
  EXPECT_EQ(decision.now(), state::undecided);
  decision.saw(evidence::json_object, 100);
  EXPECT_EQ(decision.now(), state::json_lines);
  decision.ended();
  EXPECT_EQ(decision.now(), state::json_lines);
}

TEST(format_decision, is_text_after_a_hundred_lines_without_one) {
  format_decision decision;
  for (std::uint64_t line = 1; line < 100; ++line) decision.saw(evidence::none, line);
  EXPECT_EQ(decision.now(), state::undecided);
  decision.saw(evidence::none, 100);
  EXPECT_EQ(decision.now(), state::text);
  decision.saw(evidence::json_object, 101);
  EXPECT_EQ(decision.now(), state::text);
}

TEST(format_decision, counts_blank_lines_among_the_hundred) {
  format_decision decision;
  decision.saw(evidence::none, 1);
  decision.saw(evidence::json_object, 101);
  EXPECT_EQ(decision.now(), state::text);
}

TEST(format_decision, is_text_for_a_short_file_without_objects_and_nothing_for_an_empty_one) {
  format_decision text;
  text.saw(evidence::none, 2);
  text.ended();
  EXPECT_EQ(text.now(), state::text);
  format_decision empty;
  empty.ended();
  EXPECT_EQ(empty.now(), state::undecided);
}

TEST(evidence_of, takes_an_object_that_only_our_limits_refuse_for_one) {
  EXPECT_EQ(evidence_of({reject_code::too_deep, ""}, " {\"a\""), evidence::json_object);
  EXPECT_EQ(evidence_of({reject_code::number_out_of_range, ""}, "{}"), evidence::json_object);
  EXPECT_EQ(evidence_of({reject_code::too_deep, ""}, "[["), evidence::none);
  EXPECT_EQ(evidence_of({reject_code::not_json, ""}, "{"), evidence::none);
  EXPECT_EQ(evidence_of({reject_code::not_an_object, ""}, "[{}]"), evidence::none);
}

}  // namespace
}  // namespace ingestor::normalise
