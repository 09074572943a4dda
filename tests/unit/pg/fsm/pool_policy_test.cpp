#include "pg/fsm/pool_policy.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

namespace ingestor::pg::fsm {
namespace {

using namespace std::chrono_literals;
using enum pool_action::kind;

const pool_clock::time_point now{std::chrono::hours{100}};

/// One caller waits, and there is room.
pool_view somebody_waits(const std::vector<idle_connection>& idle) {
  pool_view view;
  view.limits = {10, 30min, 30s};
  view.now = now;
  view.idle = idle;
  view.waiting = 1;
  return view;
}

/// Made ten minutes ago, heard of a second ago.
idle_connection good() {
  return {now - 10min, now - 1s};
}

struct judgement {
  const char* what;
  pool_action::kind while_somebody_waits;
  pool_action::kind otherwise;
  void (*change)(pool_view& view, idle_connection& one);
};

TEST(pool_policy, judges_what_is_idle) {
  const auto table = std::to_array<judgement>({
      {"nothing against it", lend, none, [](pool_view&, idle_connection&) {}},
      {"in a transaction, or closed", retire, retire,
       [](pool_view&, idle_connection& one) { one.reusable = false; }},
      {"a cancel may still hit it", check, none,
       [](pool_view&, idle_connection& one) { one.settled = false; }},
      {"not heard of for just as long as may be", lend, none,
       [](pool_view&, idle_connection& one) { one.heard = now - 30s; }},
      {"not heard of for longer", check, none,
       [](pool_view&, idle_connection& one) { one.heard = now - 30s - 1ns; }},
      {"to be checked before each lease", check, none,
       [](pool_view& view, idle_connection&) { view.limits.idle_check_after = 0s; }},
      {"to be checked before each lease, and it was", lend, none,
       [](pool_view& view, idle_connection& one) {
         view.limits.idle_check_after = 0s;
         one.heard = now;
       }},
      {"as old as may be", lend, none,
       [](pool_view&, idle_connection& one) { one.began = now - 30min; }},
      {"older", retire, retire,
       [](pool_view&, idle_connection& one) { one.began = now - 30min - 1ns; }},
      {"older where none grows old", lend, none,
       [](pool_view& view, idle_connection& one) {
         view.limits.age_max = 0s;
         one.began = now - 1000h;
       }},
      {"made after the server changed its role", lend, none,
       [](pool_view& view, idle_connection& one) { view.role_changed = one.began - 1ns; }},
      {"made before", retire, retire,
       [](pool_view& view, idle_connection& one) { view.role_changed = one.began; }},
      {"heard of after one that did not answer", lend, none,
       [](pool_view& view, idle_connection& one) { view.unanswered = one.heard - 1ns; }},
      {"heard of before it", retire, retire,
       [](pool_view& view, idle_connection& one) { view.unanswered = one.heard; }},
      {"the server is down, but not for this one", lend, none,
       [](pool_view& view, idle_connection&) {
         view.trouble = {3, now + 1s};
       }},
      {"too old and not heard of: not worth asking", retire, retire,
       [](pool_view&, idle_connection& one) {
         one.began = now - 1h;
         one.heard = now - 1h;
       }},
  });
  for (const auto& each : table) {
    std::vector<idle_connection> idle{good()};
    auto view = somebody_waits(idle);
    each.change(view, idle[0]);
    EXPECT_EQ(next_action(view), (pool_action{each.while_somebody_waits, 0})) << each.what;
    view.waiting = 0;
    EXPECT_EQ(next_action(view), (pool_action{each.otherwise, 0})) << each.what;
  }
}

TEST(pool_policy, lends_the_one_heard_of_last) {
  const std::vector<idle_connection> idle{
      {now - 10min, now - 9s}, {now - 9min, now - 2s}, {now - 1min, now - 5s}};
  EXPECT_EQ(next_action(somebody_waits(idle)), (pool_action{lend, 1}));
}

TEST(pool_policy, lends_what_needs_no_check_before_what_does) {
  const std::vector<idle_connection> idle{
      {now - 1min, now - 1s, true, false}, {now - 10min, now - 29s}, {now - 10min, now - 40s}};
  EXPECT_EQ(next_action(somebody_waits(idle)), (pool_action{lend, 1}));
}

TEST(pool_policy, checks_as_many_as_there_are_callers_those_heard_of_last_first) {
  const std::vector<idle_connection> idle{
      {now - 10min, now - 3min}, {now - 10min, now - 1min}, {now - 10min, now - 2min}};
  auto view = somebody_waits(idle);
  EXPECT_EQ(next_action(view), (pool_action{check, 1}));
  view.checking = 1;
  EXPECT_EQ(next_action(view), pool_action{none}) << "neither another check nor an attempt";
  view.waiting = 2;
  EXPECT_EQ(next_action(view), (pool_action{check, 1}));
  view.connecting = 1;
  EXPECT_EQ(next_action(view), (pool_action{check, 1})) << "quicker than an attempt";
}

TEST(pool_policy, retires_whatever_must_go_before_anything_else) {
  const std::vector<idle_connection> idle{good(), {now - 10min, now - 1s, false}};
  EXPECT_EQ(next_action(somebody_waits(idle)), (pool_action{retire, 1}));
}

/// All combinations of small numbers; whatever is idle may be lent.
template <class Check>
void for_all(Check check_one) {
  const std::vector<idle_connection> idle(3, good());
  for (std::size_t bits = 0; bits < std::size_t{1} << 14; ++bits) {
    auto view = somebody_waits(idle);
    view.limits.size = 3;
    view.idle = view.idle.first(bits & 3);
    view.in_use = bits >> 2 & 3;
    view.connecting = bits >> 4 & 3;
    view.waiting = bits >> 6 & 3;
    view.trouble.failures = bits >> 8 & 1;
    if ((bits >> 9 & 1) != 0) view.trouble.until = now + 1ns;
    view.closing = (bits >> 10 & 1) != 0;
    view.retiring = bits >> 11 & 1;
    view.checking = bits >> 12 & 3;
    check_one(view, next_action(view).what);
  }
}

std::size_t all_of(const pool_view& view) {
  return view.idle.size() + view.in_use + view.connecting + view.checking + view.retiring;
}

TEST(pool_policy, connects_only_where_it_must_and_may) {
  for_all([](const pool_view& view, pool_action::kind action) {
    if (action != connect) return;
    EXPECT_LT(all_of(view), view.limits.size);
    EXPECT_GT(view.waiting, view.connecting + view.checking);
    EXPECT_TRUE(view.idle.empty());
    EXPECT_LE(view.trouble.until, view.now) << "not in the pause";
    EXPECT_FALSE(view.trouble.failures > 0 && view.connecting > 0) << "one at a time";
    EXPECT_FALSE(view.closing);
  });
}

TEST(pool_policy, whoever_waits_in_an_empty_pool_gets_an_attempt) {
  for_all([](const pool_view& view, pool_action::kind action) {
    if (all_of(view) > 0 || view.waiting == 0 || view.trouble.until > now || view.closing) return;
    EXPECT_EQ(action, connect);
  });
}

TEST(pool_policy, lends_what_there_is_to_whoever_waits) {
  for_all([](const pool_view& view, pool_action::kind action) {
    const bool can_lend = !view.closing && view.waiting > 0 && !view.idle.empty();
    EXPECT_EQ(action == lend, can_lend);
  });
}

TEST(pool_policy, closing_refuses_and_closes_until_nothing_is_left) {
  for_all([](const pool_view& view, pool_action::kind action) {
    if (!view.closing) {
      EXPECT_NE(action, refuse);
      EXPECT_NE(action, retire);
      return;
    }
    const auto expected = view.waiting > 0 ? refuse : view.idle.empty() ? none : retire;
    EXPECT_EQ(action, expected);
  });
}

TEST(backoff, doubles_up_to_its_limit) {
  EXPECT_EQ(backoff(1, 100ms, 10s, 1.0), 100ms);
  EXPECT_EQ(backoff(2, 100ms, 10s, 1.0), 200ms);
  EXPECT_EQ(backoff(7, 100ms, 10s, 1.0), 6400ms);
  EXPECT_EQ(backoff(8, 100ms, 10s, 1.0), 10s);
  EXPECT_EQ(backoff(std::numeric_limits<unsigned>::max(), 100ms, 10s, 1.0), 10s);
  EXPECT_EQ(backoff(1, 10s, 1s, 1.0), 1s);
}

TEST(backoff, chance_takes_away_up_to_half) {
  EXPECT_EQ(backoff(3, 100ms, 10s, 0.0), 200ms);
  EXPECT_EQ(backoff(3, 100ms, 10s, 0.25), 250ms);
  EXPECT_EQ(backoff(3, 100ms, 10s, 0.75), 350ms);
  EXPECT_EQ(backoff(3, 100ms, 10s, 7.0), 400ms);
  EXPECT_EQ(backoff(3, 100ms, 10s, -7.0), 200ms);
}

TEST(after_failure, a_burst_is_one_failure) {
  const auto first = after_failure({}, now, 100ms, 10s, 1.0);
  EXPECT_EQ(first.failures, 1U);
  EXPECT_EQ(first.until, now + 100ms);
  const auto together = after_failure(first, now + 99ms, 100ms, 10s, 1.0);
  EXPECT_EQ(together.failures, 1U);
  EXPECT_EQ(together.until, first.until);
  const auto second = after_failure(first, first.until, 100ms, 10s, 0.5);
  EXPECT_EQ(second.failures, 2U);
  EXPECT_EQ(second.until, first.until + 150ms);
}

TEST(needs_a_person, only_what_time_does_not_heal) {
  using enum error_category;
  for (const auto category : {authentication, configuration}) {
    EXPECT_TRUE(needs_a_person(make_error(category, ""))) << name_of(category);
  }
  for (const auto category :
       {connection, data, statement, shutdown, transient, protocol_violation, timeout}) {
    EXPECT_FALSE(needs_a_person(make_error(category, ""))) << name_of(category);
  }
}

}  // namespace
}  // namespace ingestor::pg::fsm
