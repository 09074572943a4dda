#include "top/table.hpp"

#include "made_up.hpp"
#include "top/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace ingestor::top {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto columns = std::to_array<column>({
    {.name = "NAME", .columns_min = 6, .part = 1},
    {.name = "COUNT", .to = terminal::align::right, .columns_min = 6, .goes = 1, .by_figure = true},
    {.name = "TEXT", .columns_min = 6, .part = 3},
});

row made(std::string name, double count, std::string text) {
  row out{};
  out.searched = name + '\n' + text;
  out.cells = {
      {std::move(name)}, {count_text(count), terminal::style::plain, count}, {std::move(text)}};
  return out;
}

table a_table() {
  return {columns,
          {made("beta", 9, "a short text"), made("alpha", 10, "ERROR and something very long"),
           made("gamma", 10, "")}};
}

std::vector<std::string> drawn(const table& of, std::size_t width, const order& by = {}) {
  const auto places = laid_out(of, by, width, unicode);
  terminal::frame out{head_of(of, places, by, unicode)};
  for (const auto& one : of.rows) out.push_back(line_of(of, one, places, unicode));
  return lines_of(out);
}

TEST(table, is_aligned) {
  EXPECT_THAT(drawn(a_table(), 80),
              ElementsAre("NAME     COUNT  TEXT",                           //
                          "beta         9  a short text",                   //
                          "alpha       10  ERROR and something very long",  //
                          "gamma       10"));
}

TEST(table, cuts_what_may_be_cut) {
  EXPECT_THAT(drawn(a_table(), 30),
              ElementsAre("NAME     COUNT  TEXT",            //
                          "beta         9  a short text",    //
                          "alpha       10  ERROR and som…",  //
                          "gamma       10"));
}

TEST(table, leaves_columns_out) {
  EXPECT_THAT(drawn(a_table(), 20),
              ElementsAre("NAME    TEXT", "beta    a short text", "alpha   ERROR and s…", "gamma"));
  EXPECT_EQ(laid_out(a_table(), {}, 20, unicode).hidden, 1);
  EXPECT_EQ(laid_out(a_table(), {}, 80, unicode).hidden, 0);
}

TEST(table, is_sorted) {
  const auto all = a_table();
  EXPECT_THAT(arranged(all, {}, ""), ElementsAre(0, 1, 2));
  EXPECT_THAT(arranged(all, {std::nullopt, true}, ""), ElementsAre(2, 1, 0));
  EXPECT_THAT(arranged(all, {0, false}, ""), ElementsAre(1, 0, 2));
  EXPECT_THAT(arranged(all, {0, true}, ""), ElementsAre(2, 0, 1));
  // By figures the highest first; those that are the same stay as they came.
  EXPECT_THAT(arranged(all, {1, false}, ""), ElementsAre(1, 2, 0));
  EXPECT_THAT(arranged(all, {1, true}, ""), ElementsAre(0, 1, 2));
  EXPECT_EQ(drawn(all, 80, {1, false})[0], "NAME    COUNT▼  TEXT");
  EXPECT_EQ(drawn(all, 80, {0, false})[0], "NAME▲    COUNT  TEXT");
}

TEST(table, is_filtered_in_any_case) {
  EXPECT_THAT(arranged(a_table(), {}, "error"), ElementsAre(1));
  EXPECT_THAT(arranged(a_table(), {}, "GAMMA"), ElementsAre(2));
  EXPECT_THAT(arranged(a_table(), {}, "nothing"), IsEmpty());
}

}  // namespace
}  // namespace ingestor::top
