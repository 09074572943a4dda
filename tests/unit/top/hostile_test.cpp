#include "made_up.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ingestor::top {
namespace {

using namespace std::chrono_literals;

// Colours are never all that tells something: each style has words of its own. That nothing
// steers the terminal and nothing is moved, whatever keys and errors hold, is seen here.
TEST(model, hostile_texts_break_nothing) {
  const std::string hostile =
      "\x1b[2J\n\r\x07\xff\xc3(\u202e\u200d\ufe0fשלום e\u0301\u0301\u0301\u0301 日本語 "
      "\U0001f468\u200d\U0001f469";
  auto now = a_moment();
  now.source = hostile;
  now.database = hostile;
  now.figures->replicas[0].name = hostile;
  now.figures->replicas[0].report->version = hostile;
  now.figures->replicas[0].report->state = hostile;
  now.figures->replicas[0].report->fetchers[0].key = hostile;
  now.figures->failures = {failure(hostile + hostile, hostile + std::string(10'000, 'x'))};
  now.figures->rejects = {rejecting(hostile)};
  now.figures->rejects[0].reasons = {hostile, hostile};
  for (const auto& how : {unicode, ascii}) {
    for (const std::string_view keys : {"", "3", "3\r", "4\r", "2\r"}) {
      model shown{how, 2s};
      (void)shown.draw(now, {80, 24});
      (void)press(shown, keys.substr(0, 1));
      (void)shown.draw(now, {80, 24});
      if (keys.size() > 1) (void)press(shown, keys.substr(1));
      for (const auto room : std::vector<terminal::size>{{1, 1}, {40, 10}, {80, 24}, {200, 50}}) {
        for (const auto& line : lines_of(shown.draw(now, room))) {
          EXPECT_LE(terminal::columns_of(line, how), room.columns) << line;
          EXPECT_EQ(line.find_first_of("\x1b\n\r\x07\xff"), std::string::npos) << line;
          EXPECT_EQ(line.find("\u202e"), std::string::npos) << line;
          EXPECT_EQ(line.find("\u200d"), std::string::npos) << line;
        }
      }
    }
  }
}

TEST(model, columns_stand_below_each_other_whatever_the_names) {
  auto now = a_moment();
  now.figures->replicas[0].name = "日本語のサーバー";
  now.figures->replicas[1].name = "שלום";
  model shown{unicode, 2s};
  const auto lines = lines_from(shown.draw(now, {80, 24}), "REPLICA");
  const auto columns_before = [](const std::string& line, std::string_view what) {
    const auto at = line.find(what);
    EXPECT_NE(at, std::string::npos) << line;
    return terminal::columns_of(line.substr(0, at), unicode);
  };
  const auto expected = columns_before(lines[0], "STATE");
  EXPECT_EQ(columns_before(lines[1], "running"), expected);
  EXPECT_EQ(columns_before(lines[2], "running"), expected);
  EXPECT_EQ(columns_before(lines[3], "dead"), expected);
}

TEST(model, chance) {
  std::mt19937 chance{815};
  const std::string keys = "qrsS/?h+-jkgG 1234\t\r\x1b\bv^xw";
  model shown{unicode, 2s};
  auto now = a_moment();
  for (int round = 0; round < 5000; ++round) {
    (void)press(shown, std::string(1, keys[chance() % keys.size()]));
    if (chance() % 10 == 0) now = with_replicas(static_cast<int>(chance() % 60));
    const terminal::size room{chance() % 100 + 1, chance() % 40 + 1};
    const auto drawn = shown.draw(now, room);
    EXPECT_EQ(drawn.size(), room.rows);
    for (const auto& line : lines_of(drawn)) {
      EXPECT_LE(terminal::columns_of(line, unicode), room.columns);
    }
  }
}

}  // namespace
}  // namespace ingestor::top
