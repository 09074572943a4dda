// The end of a pool, which SIGTERM asks for.
#include "pool_play.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace ingestor::pg {
namespace {

asio::awaitable<void> close_and_say(pool& connections, bool& closed) {
  co_await connections.close();
  closed = true;
}

void expect_all_refused(const pool_play& on, std::size_t callers) {
  EXPECT_EQ(on.results.size(), callers);
  for (const auto& each : on.results) {
    EXPECT_FALSE(each);
    EXPECT_EQ(each.error().category, error_category::shutdown) << each.error().text();
  }
}

void expect_nothing_left(const pool_play& on) {
  EXPECT_EQ(on.stats().idle + on.stats().in_use + on.stats().connecting, 0U);
}

TEST(pool, closing_refuses_those_who_wait_and_waits_for_what_is_lent) {
  pool_play play{2};
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    bool first_closed = false;
    bool second_closed = false;
    const auto start = [&on](bool& closed) {
      asio::co_spawn(on.stage.io, close_and_say(*on.connections, closed), asio::detached);
    };
    {
      auto lent = co_await on.borrow();
      const auto also_lent = co_await on.borrow();
      on.ask(20s);
      co_await until([&] { return on.stats().waiting == 1; });
      start(first_closed);
      start(second_closed);
      const auto before = std::clock();
      co_await until([&] { return !on.results.empty(); });
      expect_all_refused(on, 1);
      const auto late = co_await on.connections->lease(20s);
      EXPECT_EQ(late.error().category, error_category::shutdown);
      { const auto given_back = std::move(lent); }
      co_await pause(100ms);
      EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 20) << "it waits, it does not poll";
      EXPECT_FALSE(first_closed || second_closed) << "one is still lent";
    }
    co_await until([&] { return first_closed && second_closed; });
    expect_nothing_left(on);
  });
}

TEST(pool, closing_closes_what_is_idle) {
  pool_play play{2};
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    co_await on.fill(2);
    co_await on.connections->close();
    expect_nothing_left(on);
    co_await until([&] { return on.all.open == 0; });
  });
}

TEST(pool, closing_ends_the_attempts_under_way) {
  pool_play play{2};
  play.options.connect_timeout = 20s;
  play.run(say_nothing, [](pool_play& on) -> asio::awaitable<void> {
    on.ask(20s);
    on.ask(20s);
    co_await until([&] { return on.all.accepted == 2; });
    EXPECT_EQ(on.stats().connecting, 2U);
    const auto began = std::chrono::steady_clock::now();
    co_await on.connections->close();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    expect_nothing_left(on);
    co_await until([&] { return on.results.size() == 2; });
    expect_all_refused(on, 2);
  });
}

/// Two connections that do not answer are being asked.
asio::awaitable<void> checks_under_way(pool_play& on) {
  co_await on.fill(2);
  on.ask(20s);
  on.ask(20s);
  co_await until([&] { return on.all.checks == 2; });
}

TEST(pool, closing_ends_the_checks_under_way) {
  pool_play play{2};
  play.options.idle_check_after = 0s;
  play.options.health_check_timeout = 20s;
  play.run(welcome_and_fall_silent, [](pool_play& on) -> asio::awaitable<void> {
    co_await checks_under_way(on);
    const auto began = std::chrono::steady_clock::now();
    co_await on.connections->close();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    expect_nothing_left(on);
    co_await until([&] { return on.results.size() == 2; });
    expect_all_refused(on, 2);
  });
}

TEST(pool, going_away_it_ends_what_is_under_way) {
  pool_play play{2};
  play.options.idle_check_after = 0s;
  play.options.health_check_timeout = 20s;
  play.run(welcome_and_fall_silent, [](pool_play& on) -> asio::awaitable<void> {
    co_await checks_under_way(on);
    on.connections.reset();
    co_await until([&] { return on.results.size() == 2; });
    expect_all_refused(on, 2);
    co_await until([&] { return on.all.open == 0; });
  });
}

}  // namespace
}  // namespace ingestor::pg
