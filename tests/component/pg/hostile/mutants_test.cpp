// A server that is almost the real one: a recorded session with one thing wrong. Whatever it is,
// the client ends in time, believes nothing that it must not, and keeps its memory and its secrets.
#include "mutants.hpp"

#include "allocations.hpp"
#include "base/utf8.hpp"
#include "recorded_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace ingestor::pg {
namespace {

using namespace std::chrono_literals;
using enum error_category;

/// Of each operation: only a hang is as long.
constexpr auto long_limit = 20s;
/// Where the server leaves the client waiting.
constexpr auto short_limit = 300ms;

/// No session needs much more than the one buffer that every connection has.
constexpr std::size_t largest_allocation_max = 64U * 1024;
constexpr std::size_t bytes_of_a_session_max = 512U * 1024;

bool is_one_printable_line(std::string_view text) {
  if (check_utf8(text).valid_bytes != text.size()) return false;
  return std::none_of(text.begin(), text.end(), [](char each) {
    const auto byte = static_cast<unsigned char>(each);
    return byte < 0x20 || byte == 0x7f;
  });
}

/// What the recorded session says of a row or of the server's state is what callers act upon: a bad
/// row is put aside, a stopping server is asked again. No other message may make them believe it.
bool may_be(error_category category, const mutant& of, std::size_t operation) {
  if (of.message == 'E' || of.message == 'N' || of.family == "type") return true;
  switch (category) {
    case connection:
    case timeout:
    case protocol_violation:
    case statement:
      return true;
    case authentication:
    case configuration:
      return operation == 0;
    case data:
      return !recorded_operations[operation].sqlstate.empty();
    default:
      return false;
  }
}

void expect_allowed(const mutant& of, const played_session& played) {
  const auto& outcomes = played.outcomes;
  ASSERT_FALSE(outcomes.empty());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto& failure = outcomes[i].failure;
    if (!failure) continue;
    EXPECT_TRUE(may_be(failure->category, of, i))
        << outcomes[i].operation << ": " << name_of(failure->category) << ": " << failure->text();
    EXPECT_TRUE(is_one_printable_line(failure->text())) << failure->text();
  }
  if (of.proves_nothing) {
    EXPECT_TRUE(outcomes.front().failure) << "the server let us in without its proof";
  }
  EXPECT_EQ(played.heard.find(password_of_plays), std::string::npos) << "the password was sent";
}

void expect_as_recorded(const played_session& played) {
  ASSERT_EQ(played.outcomes.size(), recorded_operations.size());
  for (std::size_t i = 0; i < recorded_operations.size(); ++i) {
    const auto& failure = played.outcomes[i].failure;
    EXPECT_EQ(failure ? failure->sqlstate : "", recorded_operations[i].sqlstate)
        << recorded_operations[i].name << ": " << (failure ? failure->text() : "success");
  }
}

session_case case_of(std::string name, script steps, bool over_tls) {
  session_case made;
  made.name = std::move(name);
  made.steps = std::move(steps);
  made.client = live_recorded_session;
  made.over_tls = over_tls;
  made.limit = long_limit;
  return made;
}

TEST(recorded_session, goes_well_as_it_is) {
  for (const bool over_tls : {false, true}) {
    play_all({case_of("as recorded", recorded_session(over_tls), over_tls)},
             [](const session_case&, const played_session& what) { expect_as_recorded(what); });
  }
}

/// Plays those that do not end by themselves a second time, and waits for their deadlines.
void play(const std::vector<mutant>& all, bool over_tls) {
  std::vector<session_case> cases;
  cases.reserve(all.size());
  for (const auto& one : all) cases.push_back(case_of(one.name, one.steps, over_tls));
  const allocations taken;
  const auto waiting =
      play_all_that_move(cases, [&](const session_case& played, const played_session& what) {
        const auto& one = all[static_cast<std::size_t>(&played - cases.data())];
        if (one.harmless) expect_as_recorded(what);
        expect_allowed(one, what);
      });
  EXPECT_LT(waiting.size(), all.size() / 4) << "most servers say something that is wrong";

  std::vector<session_case> again;
  again.reserve(waiting.size());
  for (const auto each : waiting) {
    again.push_back(cases[each]);
    if (!all[each].harmless) again.back().limit = short_limit;
  }
  play_all(again, [&](const session_case& played, const played_session& what) {
    const auto& one = all[waiting[static_cast<std::size_t>(&played - again.data())]];
    if (one.harmless) expect_as_recorded(what);
    expect_allowed(one, what);
  });
  EXPECT_LE(taken.largest_bytes(), largest_allocation_max);
  EXPECT_LE(taken.peak_bytes(), sessions_at_a_time * bytes_of_a_session_max);
}

const std::set<std::string> families{"length", "count",   "order", "type",  "duplicated", "early",
                                     "late",   "dropped", "slow",  "short", "NUL",        "bits"};

void expect_many(const std::vector<mutant>& all) {
  std::map<std::string, std::size_t> of_family;
  for (const auto& one : all) ++of_family[one.family];
  for (const auto& name : families) EXPECT_GT(of_family[name], 0U) << name;
  EXPECT_GE(all.size(), 400U);
  testing::Test::RecordProperty("mutants", static_cast<int>(all.size()));
}

TEST(mutants, of_a_real_session_meet_their_limits) {
  const auto all = mutants_of(recorded_session(false));
  expect_many(all);
  play(all, false);
}

TEST(mutants, of_a_real_session_over_tls_meet_their_limits) {
  // A handshake for each: every third will do, and it is another third of each message's.
  auto all = mutants_of(recorded_session(true));
  std::vector<mutant> third;
  for (std::size_t i = 0; i < all.size(); i += 3) third.push_back(std::move(all[i]));
  expect_many(third);
  play(third, true);
}

}  // namespace
}  // namespace ingestor::pg
