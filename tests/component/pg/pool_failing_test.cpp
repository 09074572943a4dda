// Attempts to connect that fail.
#include "pg/pool_state.hpp"
#include "pool_play.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

asio::awaitable<void> hang_up(scripted_session&, crowd&) {
  co_await pause(10ms);
}

TEST(pool, a_server_that_is_down_is_not_met_by_a_crowd) {
  pool_play play{4};
  play.run(hang_up, [](pool_play& on) -> asio::awaitable<void> {
    for (int i = 0; i < 10; ++i) on.ask(500ms);
    co_await until([&] { return on.stats().attempts_failed == 4; });
    on.all.open_max = on.all.open;
    co_await until([&] { return on.results.size() == 10; });
    EXPECT_LE(on.all.open_max, 1U) << "after a failure one attempt at a time";
    for (const auto& each : on.results) {
      EXPECT_FALSE(each);
      EXPECT_EQ(each.error().category, error_category::connection) << each.error().text();
    }
    // Four at once, then one each 35 ms (10 to hang up, 25 of pause) at the most.
    EXPECT_GE(on.all.accepted, 5U);
    EXPECT_LE(on.all.accepted, 20U);
    EXPECT_EQ(on.stats().waiting, 0U);
  });
}

TEST(pool, attempts_that_fail_together_count_once) {
  pool_play play{4};
  play.options.backoff_min = 100ms;
  play.options.backoff_max = 10s;
  play.run(hang_up, [](pool_play& on) -> asio::awaitable<void> {
    for (int i = 0; i < 4; ++i) on.ask(1s);
    co_await until([&] { return on.stats().attempts_failed == 4; });
    const auto failed = std::chrono::steady_clock::now();
    co_await until([&] { return on.stats().attempts == 5; });
    EXPECT_LT(std::chrono::steady_clock::now() - failed, 400ms)
        << "the first pause is the shortest one";
    co_await on.connections->close();
    co_await until([&] { return on.results.size() == 4; });
  });
}

asio::awaitable<void> refuse(scripted_session& session, crowd&) {
  co_await session.send(server_error("28P01", "FATAL"));
}

TEST(pool, a_refused_login_is_told_to_all_who_wait) {
  pool_play play{2};
  play.run(refuse, [](pool_play& on) -> asio::awaitable<void> {
    for (int i = 0; i < 5; ++i) on.ask(20s);
    // Nobody waits for a password to become right.
    co_await until([&] { return on.results.size() == 5; });
    for (const auto& each : on.results) {
      EXPECT_EQ(each.error().category, error_category::authentication);
    }
  });
}

asio::awaitable<void> let_in_and_shut_down(scripted_session& session, crowd&) {
  co_await session.send(welcome() + server_error("57P01", "FATAL"));
}

TEST(pool, a_session_that_ends_as_it_begins_is_a_failed_attempt) {
  pool_play play{1};
  play.run(let_in_and_shut_down, [](pool_play& on) -> asio::awaitable<void> {
    const auto got = co_await on.connections->lease(300ms);
    EXPECT_FALSE(got);
    EXPECT_EQ(got.error().sqlstate, "57P01") << got.error().text();
    EXPECT_LE(on.all.accepted, 14U) << "a pause of at least 25 ms between them";
    EXPECT_EQ(on.stats().attempts_failed + on.stats().connecting, on.stats().attempts);
  });
}

TEST(pool, an_exception_is_told_as_what_it_is) {
  const auto told = [](const auto& exception) {
    return error_of_attempt(std::make_exception_ptr(exception));
  };
  const auto failure = told(std::runtime_error{"no randomness"});
  EXPECT_THAT(failure.text(), HasSubstr("no randomness"));
  EXPECT_EQ(failure.category, error_category::connection);
  const boost::system::system_error aborted{asio::error::operation_aborted};
  EXPECT_EQ(told(aborted).category, error_category::shutdown);
}

TEST(pool, no_two_have_the_same_chance) {
  asio::io_context io;
  key_deriver keys;
  pool_state one{io.get_executor(), pool_options{}, keys};
  pool_state another{io.get_executor(), pool_options{}, keys};
  EXPECT_NE(one.random(), another.random()) << "they would come back in step";
}

}  // namespace
}  // namespace ingestor::pg
