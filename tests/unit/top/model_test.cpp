#include "top/model.hpp"

#include "made_up.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::top {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string screen_of(model& shown, const seen& now = a_moment(), terminal::size room = {80, 24}) {
  return text_of(shown.draw(now, room));
}

TEST(model, at_80_by_24) {
  model shown{unicode, 2s};
  EXPECT_EQ(screen_of(shown),
            " ingestor top  s3://my-logs/production/ in db.example:5432/logs    12:00:00 UTC\n"
            " state  KEEPING UP   2 replicas alive, 1 dead   4 fetchers at work\n"
            " files  1,234 pending   4 processing   98,765 completed   25 failed\n"
            " rows   45,000 rows/s   4.3 MiB/s   1,234,567,890 rows loaded   12 rejected\n"
            " times  oldest pending 59s   newest row 4s ago   last file 2s ago\n"
            "\n"
            "▶ 1 Replicas  3 ─────────────────────────────────── by name · 5 columns hidden ─\n"
            " REPLICA       STATE      FILES    ROWS/S   MIB/S    DONE   FAILED    SEEN\n"
            " web-1         running        2    15,000     1.4   1,234        0      1s\n"
            " web-2         running        2    30,000     2.9   1,234        2      2s\n"
            " web-3         dead           2         -       -   1,234        0  1m 15s\n"
            "─ 2 Files at work  4 ───────── 2 fetchers idle · by replica · 2 columns hidden ─\n"
            " REPLICA   STAGE   PROGRESS          FILES    ROWS/S    TIME  KEY\n"
            " web-1     load    ███░░░░░░░  30%       1     3,000      4s  …-01-01T00.log.gz\n"
            " web-1     write   █████████░  97%       1     9,750      4s  …-01-01T01.log.gz\n"
            " web-2     load    ███░░░░░░░  30%       1     3,000      4s  …-01-01T00.log.gz\n"
            " web-2     write   █████████░  97%       1     9,750      4s  …-01-01T01.log.gz\n"
            "─ 3 Failures  2 ──────────────────────────── the latest 2 of 25 · latest first ─\n"
            " NEXT TRY    TRIES  STAGE       ID  KEY                ERROR\n"
            " in 1m 30s       3  inflate   4711  app/broken.log.gz  the gzip stream ends ea…\n"
            " none left       3  inflate   4711  app/hidden.log.gz  403 AccessDenied: no ri…\n"
            "─ 4 Rejected lines  1 ──────────────────────────────────────────────────────────\n"
            "\n"
            " q quit  ? help  tab next list  s sort  / filter  enter all of it  space pause\n");
}

TEST(model, at_40_by_10_in_ascii) {
  model shown{ascii, 2s};
  EXPECT_EQ(screen_of(shown, a_moment(), {40, 10}),
            " ingestor top  s3://my-l~  12:00:00 UTC\n"
            " state  KEEPING UP\n"
            " files  1,234 pending   4 processing\n"
            "> 1 Replicas  3  by name, 10 columns hi~\n"
            " REPLICA       STATE       ROWS/S\n"
            " web-1         running     15,000\n"
            " web-2         running     30,000\n"
            " web-3         dead             -\n"
            "\n"
            " q quit  ? help  tab next list  s sort\n");
}

TEST(model, at_200_by_50_all_has_room) {
  model shown{unicode, 2s};
  const auto text = screen_of(shown, a_moment(), {200, 50});
  EXPECT_THAT(text, HasSubstr("2026-01-02 12:00:00 UTC"));
  EXPECT_THAT(text, HasSubstr("UPTIME    SEEN         ROWS   REJECTED     LEASE  VERSION"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "12.0/40.0       1     12,000     3,000      4s  app/web-1/2026-01-01T00.log.gz\n"));
  EXPECT_THAT(text, HasSubstr("the gzip stream ends early, at byte 1,234\n"));
  EXPECT_THAT(text, HasSubstr("not_json: unexpected end; too_long: 17 MiB\n"));
  EXPECT_THAT(text, HasSubstr("every 2s\n"));
  EXPECT_THAT(text, Not(HasSubstr(" hidden")));
}

TEST(model, fits_every_size) {
  for (const auto& how : {unicode, ascii}) {
    for (const std::string_view keys : {"", "?", "\r", "/web", "3\r", "s4"}) {
      model shown{how, 2s};
      (void)press(shown, keys);
      for (const auto room : std::vector<terminal::size>{{0, 0},
                                                         {1, 1},
                                                         {2, 2},
                                                         {1, 50},
                                                         {200, 1},
                                                         {7, 3},
                                                         {20, 4},
                                                         {40, 10},
                                                         {80, 24},
                                                         {200, 50}}) {
        const auto drawn = shown.draw(a_moment(), room);
        EXPECT_EQ(drawn.size(), room.columns == 0 ? 0 : room.rows);
        for (const auto& line : lines_of(drawn)) {
          EXPECT_LE(terminal::columns_of(line, how), room.columns) << line;
        }
      }
    }
  }
}

TEST(model, says_what_has_no_room) {
  model shown{unicode, 2s};
  const auto now = with_replicas(40);
  EXPECT_THAT(screen_of(shown, now), HasSubstr("by name · 5 columns hidden · 28 more ─\n"));
  for (int i = 0; i < 20; ++i) (void)press(shown, "v");
  EXPECT_THAT(screen_of(shown, now), HasSubstr("hidden · 9 above · 19 below ─\n"));
  (void)press(shown, "G");
  EXPECT_THAT(screen_of(shown, now), HasSubstr("hidden · 28 above ─\n"));
  (void)press(shown, "g");
  EXPECT_THAT(screen_of(shown, now), HasSubstr("hidden · 28 more ─\n"));
}

TEST(model, goes_by_pages_of_what_is_shown) {
  model shown{unicode, 2s};
  const auto now = with_replicas(40);
  (void)screen_of(shown, now);
  (void)shown.press({terminal::key_name::page_down});
  EXPECT_THAT(screen_of(shown, now), HasSubstr("hidden · 1 above · 27 below ─\n"));
  (void)shown.press({terminal::key_name::page_down});
  EXPECT_THAT(screen_of(shown, now), HasSubstr("hidden · 13 above · 15 below ─\n"));
  (void)shown.press({terminal::key_name::page_up});
  (void)shown.press({terminal::key_name::page_up});
  EXPECT_THAT(screen_of(shown, now), HasSubstr("hidden · 28 more ─\n"));
}

TEST(model, a_cursor_past_the_end_comes_back) {
  model shown{unicode, 2s};
  (void)screen_of(shown, with_replicas(40));
  (void)press(shown, "G");
  const auto drawn = shown.draw(with_replicas(2), {80, 24});
  EXPECT_TRUE(std::ranges::any_of(drawn, [](const terminal::line& line) {
    return line.reversed && line.spans.size() > 1 && line.spans[1].text.starts_with("web-101");
  }));
}

TEST(model, sorts) {
  model shown{unicode, 2s};
  (void)press(shown, "ssss");
  auto lines = lines_from(shown.draw(a_moment(), {80, 24}), "REPLICA");
  EXPECT_THAT(lines[0], HasSubstr("ROWS/S▼"));
  EXPECT_THAT(lines[1], StartsWith(" web-2"));
  EXPECT_THAT(lines[3], StartsWith(" web-3"));
  (void)press(shown, "S");
  lines = lines_from(shown.draw(a_moment(), {80, 24}), "REPLICA");
  EXPECT_THAT(lines[0], HasSubstr("ROWS/S▲"));
  EXPECT_THAT(lines[1], StartsWith(" web-3"));
  EXPECT_THAT(screen_of(shown), HasSubstr("by ROWS/S ·"));
  // Past the last column it is as it was.
  (void)press(shown, std::string(10, 's'));
  EXPECT_THAT(screen_of(shown), HasSubstr("by name ·"));
}

TEST(model, filters_by_replica_key_and_error) {
  model shown{unicode, 2s};
  (void)press(shown, "/WEB-2");
  auto text = screen_of(shown);
  EXPECT_THAT(text, HasSubstr("1 Replicas  1 of 3 match"));
  EXPECT_THAT(text, HasSubstr("2 Files at work  2 of 4 match"));
  EXPECT_THAT(text, HasSubstr("3 Failures  0 of 2 match"));
  EXPECT_THAT(text, HasSubstr(" show rows with: WEB-2_"));
  (void)press(shown, "\r");
  EXPECT_THAT(screen_of(shown), HasSubstr(" only rows with: WEB-2  esc all rows"));
  (void)press(shown, "\x1b");
  EXPECT_THAT(screen_of(shown), HasSubstr("1 Replicas  3 "));
  (void)press(shown, "/accessdeniex\bd");
  text = screen_of(shown);
  EXPECT_THAT(text, HasSubstr("3 Failures  1 of 2 match"));
  (void)press(shown, "\x1b");
  EXPECT_THAT(screen_of(shown), HasSubstr("3 Failures  2 "));
}

TEST(model, takes_any_character_into_a_filter) {
  model shown{unicode, 2s};
  (void)press(shown, "/");
  for (const char32_t c : {U'q', U'é', U'日', U'\U0001f600'}) {
    EXPECT_EQ(shown.press({terminal::key_name::character, c}), wish::nothing);
  }
  EXPECT_THAT(screen_of(shown), HasSubstr("show rows with: qé日\U0001f600_"));
  (void)press(shown, "\b\b");
  EXPECT_THAT(screen_of(shown), HasSubstr("show rows with: qé_"));
  (void)press(shown, std::string(10'000, 'x'));
  EXPECT_THAT(screen_of(shown), HasSubstr("xxx_"));
}

TEST(model, chooses_lists) {
  model shown{unicode, 2s};
  EXPECT_THAT(screen_of(shown), HasSubstr("▶ 1 Replicas"));
  (void)press(shown, "\t");
  EXPECT_THAT(screen_of(shown), HasSubstr("▶ 2 Files"));
  (void)press(shown, "4");
  EXPECT_THAT(screen_of(shown), HasSubstr("▶ 4 Rejected lines"));
  EXPECT_THAT(screen_of(shown), HasSubstr("app/bad-lines.log.gz"));
  (void)press(shown, "\t");
  EXPECT_THAT(screen_of(shown), HasSubstr("▶ 1 Replicas"));
  (void)shown.press({terminal::key_name::left});
  EXPECT_THAT(screen_of(shown), HasSubstr("▶ 4 Rejected lines"));
}

TEST(model, shows_all_of_a_row) {
  auto now = a_moment();
  now.figures->failures[1].error = "the whole " + std::string(300, 'x') + " story";
  model shown{unicode, 2s};
  (void)press(shown, "3v");
  (void)screen_of(shown, now);
  (void)press(shown, "\r");
  auto text = screen_of(shown, now);
  EXPECT_THAT(text, HasSubstr(" KEY         app/hidden.log.gz\n"));
  EXPECT_THAT(text, HasSubstr(" story\n"));
  EXPECT_THAT(text, HasSubstr(" any key: back\n"));
  now.figures->failures.pop_back();
  EXPECT_THAT(screen_of(shown, now), HasSubstr("It is not in the list any more."));
  (void)press(shown, "x");
  EXPECT_THAT(screen_of(shown, now), HasSubstr("▶ 3 Failures  1 "));
}

TEST(model, helps) {
  model shown{unicode, 2s};
  EXPECT_EQ(press(shown, "?"), wish::nothing);
  EXPECT_THAT(screen_of(shown), HasSubstr("quit"));
  EXPECT_THAT(screen_of(shown), HasSubstr("waits for S3\n"));
  EXPECT_THAT(screen_of(shown, a_moment(), {80, 12}), HasSubstr("more lines\n"));
  EXPECT_EQ(press(shown, "q"), wish::nothing);
  EXPECT_THAT(screen_of(shown), HasSubstr("▶ 1 Replicas"));
}

TEST(model, pauses) {
  model shown{unicode, 2s};
  EXPECT_EQ(press(shown, " "), wish::nothing);
  EXPECT_TRUE(shown.paused());
  auto now = a_moment();
  now.age = 5;
  EXPECT_THAT(screen_of(shown, now), HasSubstr("PAUSED   figures are 5s old   KEEPING UP"));
  EXPECT_EQ(press(shown, " "), wish::read_now);
  EXPECT_FALSE(shown.paused());
}

TEST(model, reads_more_and_less_often) {
  model shown{unicode, 2s};
  (void)press(shown, "+");
  EXPECT_EQ(shown.interval(), 5s);
  (void)press(shown, "--");
  EXPECT_EQ(shown.interval(), 1s);
  (void)press(shown, "----");
  EXPECT_EQ(shown.interval(), 1s);
  (void)press(shown, std::string(20, '+'));
  EXPECT_EQ(shown.interval(), 300s);
  model odd{unicode, 7s};
  (void)press(odd, "-");
  EXPECT_EQ(odd.interval(), 5s);
}

TEST(model, asks_for_what_it_cannot_do_itself) {
  model shown{unicode, 2s};
  EXPECT_EQ(press(shown, "q"), wish::quit);
  EXPECT_EQ(press(shown, "r"), wish::read_now);
  EXPECT_EQ(shown.press({terminal::key_name::redraw}), wish::redraw);
  EXPECT_EQ(shown.press({terminal::key_name::other}), wish::nothing);
}

TEST(model, tells_that_the_database_is_away) {
  auto now = a_moment();
  now.age = 83;
  now.trouble = "cannot use the database: \x1b[31mConnection refused";
  now.trouble_lasts = 81;
  now.next_try = 4;
  model shown{unicode, 2s};
  const auto text = screen_of(shown, now);
  EXPECT_THAT(
      text,
      HasSubstr(" state  DATABASE AWAY   for 1m 21s   next try in 4s   figures are 1m 23s old\n"));
  EXPECT_THAT(text, HasSubstr(" why    cannot use the database: \\u001b[31mConnection refused\n"));
  EXPECT_THAT(text, HasSubstr("web-1"));
}

TEST(model, before_the_first_figures) {
  seen now{};
  now.source = "s3://b/";
  model shown{unicode, 2s};
  EXPECT_THAT(screen_of(shown, now), HasSubstr("reading the ledger"));
}

TEST(model, says_whether_the_fleet_keeps_up) {
  const auto state_at = [](auto change) {
    auto now = a_moment();
    change(*now.figures);
    model shown{unicode, 2s};
    return lines_of(shown.draw(now, {80, 24}))[1];
  };
  EXPECT_THAT(state_at([](auto& figures) { figures.oldest_pending_age = 61; }),
              StartsWith(" state  BEHIND "));
  EXPECT_THAT(state_at([](auto& figures) { figures.replicas.clear(); }),
              StartsWith(" state  NOBODY AT WORK   no replica"));
  EXPECT_THAT(state_at([](auto& figures) { figures.files = {}; }),
              StartsWith(" state  KEEPING UP "))
      << "a replica that holds files is known before they are counted";
  EXPECT_THAT(state_at([](auto& figures) {
                figures.files = {};
                for (auto& replica : figures.replicas) replica.files = 0;
              }),
              StartsWith(" state  UP TO DATE "));
  EXPECT_THAT(state_at([](auto& figures) { figures.newest_row_at = at_noon() + 1h; }),
              StartsWith(" state  KEEPING UP "));
}

TEST(model, a_replica_that_never_told_anything) {
  auto now = a_moment();
  auto& replicas = now.figures->replicas;
  replicas[0].report.reset();
  replicas[1].report.reset();
  replicas[1].lease_expires_at = at_noon() - 1s;
  model shown{unicode, 2s};
  const auto lines = lines_from(shown.draw(now, {80, 24}), "REPLICA");
  EXPECT_THAT(lines[1], StartsWith(" web-1         silent "));
  EXPECT_THAT(lines[2], StartsWith(" web-2         dead "));
}

}  // namespace
}  // namespace ingestor::top
