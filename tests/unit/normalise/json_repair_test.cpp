#include "normalise/json_repair.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace ingestor::normalise {
namespace {

std::string repaired(std::string_view line) {
  std::string scratch;
  return repair_escapes(line, scratch) ? scratch : "";
}

TEST(repair_escapes, replaces_what_jsonb_refuses_and_keeps_positions) {
  const std::array<std::pair<std::string_view, std::string_view>, 11> cases{{
      {R"({"a":"x\u0000y"})", R"({"a":"x\ufffdy"})"},
      {R"({"\u0000":1})", R"({"\ufffd":1})"},
      {R"(["\ud800"])", R"(["\ufffd"])"},
      {R"(["\uDBFF\n"])", R"(["\ufffd\n"])"},
      {R"(["\udc00"])", R"(["\ufffd"])"},
      {R"(["\ude42\ud83d"])", R"(["\ufffd\ufffd"])"},
      {R"(["\ud83d\ud83d\ude42"])", R"(["\ufffd\ud83d\ude42"])"},
      {R"(["\ud83d\ude42\ude42"])", R"(["\ud83d\ude42\ufffd"])"},
      {R"(["\ud800\u0000"])", R"(["\ufffd\ufffd"])"},
      {R"(["\\\u0000"])", R"(["\\\ufffd"])"},
      {R"(["\ud800\\udc00"])", R"(["\ufffd\\udc00"])"},
  }};
  for (const auto& [line, wanted] : cases) {
    EXPECT_EQ(repaired(line), wanted);
    EXPECT_EQ(wanted.size(), line.size());
  }
}

TEST(repair_escapes, leaves_every_other_line_alone) {
  for (const auto* line : {
           "",
           "plain",
           R"("\\u0000")",
           R"("\\\\ud800")",
           R"("\ud83d\ude42")",
           R"("\uD83D\uDE42")",
           R"("\u0001\ufffd\ud7ff\ue000")",
           R"("\u00")",
           R"("\u000)",
           R"("\u)",
           R"(\)",
           R"("\uzzzz")",
           R"("\x\n")",
       }) {
    EXPECT_EQ(repaired(line), "") << line;
  }
}

TEST(repair_escapes, repairs_beside_escapes_that_are_broken) {
  EXPECT_EQ(repaired(R"("\u12\u0000")"), R"("\u12\ufffd")");
  EXPECT_EQ(repaired(R"("\ud800\u12")"), R"("\ufffd\u12")");
  EXPECT_EQ(repaired(R"(\ud800)"), R"(\ufffd)");
}

}  // namespace
}  // namespace ingestor::normalise
