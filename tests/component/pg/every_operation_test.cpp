// One script of each operation that goes well; then the same script failing at every step, in every
// way, and cut at every byte. What must come of it follows from a rule, not from the case.
#include "operations.hpp"
#include "session_play.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace ingestor::pg {
namespace {

using namespace std::chrono_literals;

/// Of an operation that the server leaves without an answer.
constexpr std::chrono::milliseconds short_limit = 30ms;
/// So that a hundred at a time come as far as the answer that they wait for in vain.
constexpr std::chrono::milliseconds short_limit_of_a_handshake = 300ms;
/// Of all others: only a hang is as long.
constexpr auto long_limit = 20s;

constexpr auto faults = std::to_array<std::pair<fault, const char*>>({
    {fault::silence, "silence"},
    {fault::silence_in_a_message, "silence in a message"},
    {fault::end, "the end"},
    {fault::reset, "a reset"},
    {fault::error, "an error"},
    {fault::fatal, "a fatal error"},
    {fault::out_of_place, "a message out of place"},
    {fault::garbage, "garbage"},
});

session_case case_of(const operation& one) {
  session_case made;
  made.name = one.name;
  made.steps = one.steps;
  made.client = one.client;
  made.over_tls = one.over_tls;
  made.limit = long_limit;
  made.from = one.from;
  return made;
}

/// The server's answers under test, as steps.
std::vector<step> answers_of(const operation& one) {
  std::vector<step> answers;
  for (std::size_t i = one.from; i < one.steps.size(); ++i) {
    if (is_answer(one.steps[i])) answers.push_back(one.steps[i]);
  }
  return answers;
}

/// What must come of it.
struct expectation {
  std::optional<error_category> failure = {};
  bool usable = false;
};

using enum error_category;

expectation before_tls(fault what) {
  switch (what) {
    case fault::out_of_place:
    case fault::garbage:
      return {protocol_violation};
    default:
      return {connection};  // an error from before TLS is nobody's word
  }
}

/// The server had refused what was asked for, as it should, when it failed.
expectation after_a_refusal(fault what) {
  switch (what) {
    case fault::error:
      return {{}, true};
    case fault::fatal:
      return {shutdown};
    case fault::out_of_place:
      return {protocol_violation};
    default:
      return {timeout};  // what 57014 means by itself: nobody knows whether it was the last word
  }
}

expectation by_message(fault what, phase during) {
  switch (what) {
    case fault::error:
      return {classify("23505", during), during != phase::startup};
    case fault::fatal:
      return {shutdown};
    case fault::out_of_place:
    case fault::garbage:
      return {protocol_violation};
    default:
      return {connection};
  }
}

expectation expected(const operation& one, fault what, std::size_t at) {
  if (one.says_yes_or_no) return {connection};
  if (what == fault::silence || what == fault::silence_in_a_message) return {timeout};
  const auto answers = answers_of(one);
  if (answers[at].what == step::act::start_tls) return {connection};
  if (answers[at].bytes == "S") return before_tls(what);
  // That a cancel request was taken note of shows in nothing but the end.
  const bool ends = what == fault::end || what == fault::reset;
  if (answers[at].what == step::act::close && ends) return {};
  bool refused = false;
  for (std::size_t i = 0; i < at; ++i) refused |= answers[i].bytes.starts_with("E");
  return refused ? after_a_refusal(what) : by_message(what, one.during);
}

std::string shown(std::optional<error_category> category) {
  return category ? std::string{name_of(*category)} : "success";
}

/// Of a COPY or a transaction, each part has a time of its own. One may come to its end in the
/// moment in which its time does: it went well, and closed the connection for the next.
bool met_its_time_at_its_end(const error& failure) {
  return failure.category == connection && failure.message == "the connection is closed";
}

void expect(const expectation& wanted, const operation& one, const played_session& played) {
  const auto& outcomes = played.outcomes;
  ASSERT_FALSE(outcomes.empty());
  const auto& failure = outcomes.front().failure;
  auto category = failure ? std::optional{failure->category} : std::nullopt;
  if (wanted.failure == timeout && failure && met_its_time_at_its_end(*failure)) category = timeout;
  EXPECT_EQ(shown(category), shown(wanted.failure)) << (failure ? failure->text() : "");
  const bool no_session = one.from == 0 && wanted.failure;
  ASSERT_EQ(outcomes.size(), no_session ? 1U : 2U);
  if (no_session) return;
  const auto& again = outcomes.back().failure;
  const bool usable = wanted.usable || one.leaves_the_session_alone;
  EXPECT_EQ(!again, usable) << (again ? again->text() : "it was used");
  if (again) {
    EXPECT_EQ(shown(again->category), "connection") << again->text();
  }
}

TEST(every_operation, goes_well_and_leaves_the_session_in_order) {
  for (const bool over_tls : {false, true}) {
    const auto operations = all_operations(over_tls);
    std::vector<session_case> cases;
    cases.reserve(operations.size());
    for (const auto& one : operations) cases.push_back(case_of(one));
    play_all(cases, [&](const session_case& played, const played_session& what) {
      const auto& one = operations[static_cast<std::size_t>(&played - cases.data())];
      expect({{}, true}, one, what);
    });
  }
}

/// The cases of all faults at all steps, with the operation and what must come of it.
struct failing_cases {
  std::vector<session_case> cases;
  std::vector<std::pair<const operation*, expectation>> expectations;
};

failing_cases at_every_step(const std::vector<operation>& operations) {
  failing_cases all;
  for (const auto& [what, name] : faults) {
    for (const auto& one : operations) {
      for (std::size_t at = 0; at < answers_of(one).size(); ++at) {
        auto made = case_of(one);
        made.name += ": " + std::string{name} + " instead of answer " + std::to_string(at);
        made.fails = what;
        made.fails_at = at;
        const auto wanted = expected(one, what, at);
        const bool waits = what == fault::silence || what == fault::silence_in_a_message;
        const bool shakes_hands = one.over_tls && one.from == 0;
        if (waits) made.limit = shakes_hands ? short_limit_of_a_handshake : short_limit;
        all.cases.push_back(std::move(made));
        all.expectations.emplace_back(&one, wanted);
      }
    }
  }
  return all;
}

TEST(every_operation, fails_at_every_step_with_the_right_category) {
  for (const bool over_tls : {false, true}) {
    const auto operations = all_operations(over_tls);
    const auto all = at_every_step(operations);
    EXPECT_GT(all.cases.size(), 400U);
    play_all(all.cases, [&](const session_case& played, const played_session& what) {
      const auto& [one, wanted] =
          all.expectations[static_cast<std::size_t>(&played - all.cases.data())];
      expect(wanted, *one, what);
    });
  }
}

/// How many bytes each operation's answers have, when it goes well.
std::vector<std::size_t> bytes_of_answers(const std::vector<operation>& operations) {
  std::vector<session_case> cases;
  cases.reserve(operations.size());
  for (const auto& one : operations) cases.push_back(case_of(one));
  std::vector<std::size_t> bytes;
  play_all(cases, [&](const session_case&, const played_session& what) {
    bytes.push_back(what.bytes_sent);
  });
  return bytes;
}

void expect_cut(const operation& one, const played_session& played) {
  const auto& failure = played.outcomes.front().failure;
  ASSERT_TRUE(failure);
  const bool told = one.ends_with_a_refusal && failure->sqlstate == "57014";
  EXPECT_EQ(shown(failure->category), told ? "timeout" : "connection") << failure->text();
  if (one.from == 0) return;
  ASSERT_EQ(played.outcomes.size(), 2U);
  EXPECT_TRUE(played.outcomes.back().failure);
}

/// Inside of TLS, where a part of a record is as good as none, not every byte is tried: a handshake
/// for each costs seconds.
std::size_t stride(bool over_tls) {
  return over_tls ? 7 : 1;
}

TEST(every_operation, is_cut_at_every_byte_and_never_hangs) {
  for (const bool over_tls : {false, true}) {
    const auto operations = all_operations(over_tls);
    const auto bytes = bytes_of_answers(operations);
    std::vector<session_case> cases;
    std::vector<const operation*> of;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (operations[i].leaves_the_session_alone) continue;
      for (std::size_t cut = 0; cut < bytes[i]; cut += stride(over_tls)) {
        auto made = case_of(operations[i]);
        made.name += ", cut after " + std::to_string(cut);
        made.cut = cut;
        cases.push_back(std::move(made));
        of.push_back(&operations[i]);
      }
    }
    std::size_t whole = 0;
    play_all(cases, [&](const session_case& played, const played_session& what) {
      if (what.was_cut) {
        expect_cut(*of[static_cast<std::size_t>(&played - cases.data())], what);
      } else {
        ++whole;
      }
    });
    // The length of a TLS handshake differs by a few bytes from one to the next.
    EXPECT_LE(whole, over_tls ? operations.size() * 16 : 0);
    RecordProperty(over_tls ? "cut_over_tls" : "cut", static_cast<int>(cases.size()));
  }
}

}  // namespace
}  // namespace ingestor::pg
