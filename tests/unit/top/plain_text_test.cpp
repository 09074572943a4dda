#include "made_up.hpp"
#include "top/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::top {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(plain_text, holds_everything) {
  const auto text = plain_text(a_moment(), unicode);
  EXPECT_THAT(text, HasSubstr("KEEPING UP"));
  EXPECT_THAT(text, HasSubstr("1,234 pending"));
  EXPECT_THAT(text, HasSubstr("\nReplicas: 3\nREPLICA"));
  EXPECT_THAT(text, HasSubstr("\nFailures: 2, the latest 2 of 25\n"));
  EXPECT_THAT(text, HasSubstr("the gzip stream ends early, at byte 1,234\n"));
  EXPECT_THAT(text, HasSubstr("not_json: unexpected end; too_long: 17 MiB\n"));
  EXPECT_THAT(text, Not(HasSubstr(" \n")));
}

TEST(plain_text, cuts_nothing) {
  auto now = a_moment();
  now.figures->failures = {failure(std::string(1024, 'k'), std::string(4000, 'e'))};
  const auto text = plain_text(now, unicode);
  EXPECT_THAT(text, HasSubstr(std::string(1024, 'k') + "  " + std::string(4000, 'e') + "\n"));
}

TEST(plain_text, of_nothing) {
  auto now = a_moment();
  now.figures = telemetry::ledger_figures{};
  const auto text = plain_text(now, unicode);
  EXPECT_THAT(text, HasSubstr("UP TO DATE"));
  EXPECT_THAT(text, HasSubstr("\nReplicas: none\n\nFiles at work: none\n"));
}

TEST(plain_text, holds_no_escape_sequence) {
  auto now = a_moment();
  now.source = "s3://b/\x1b[2J";
  now.figures->replicas[0].name = "evil\x1b]0;x\x07";
  now.figures->replicas[0].report->state =
      "\x9b"
      "1m";
  now.figures->failures = {failure("k\n\x1b[31m", "\x1b[2J\r")};
  const auto text = plain_text(now, unicode);
  EXPECT_EQ(text.find_first_of("\x1b\x07\r\x9b"), std::string::npos);
}

}  // namespace
}  // namespace ingestor::top
