// Connections that are not lent again: dead, old, or of a server that is not what it was.
#include "pool_play.hpp"

#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

asio::awaitable<void> let_in_and_hang_up(scripted_session& session, crowd&) {
  co_await session.send(welcome());
  co_await pause(10ms);
}

TEST(pool, a_connection_that_died_while_idle_is_not_lent) {
  pool_play play{1};
  play.run(let_in_and_hang_up, [](pool_play& on) -> asio::awaitable<void> {
    co_await on.fill(1);
    EXPECT_EQ(on.stats().idle, 1U);
    co_await until([&] { return on.all.open == 0; });
    co_await pause(5ms);
    const auto second = co_await on.borrow();
    EXPECT_EQ(on.all.accepted, 2U);
  });
}

TEST(pool, an_old_connection_is_replaced) {
  pool_play play{1};
  play.options.connection_age_max = 20ms;
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    co_await on.fill(1);
    co_await pause(50ms);
    const auto second = co_await on.borrow();
    EXPECT_GT(on.all.accepted, 1U);
  });
}

TEST(pool, an_old_connection_is_closed_even_where_nobody_asks_for_it) {
  pool_play play{2};
  play.options.connection_age_max = 20ms;
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    {
      const auto in_use = co_await on.borrow();
      { const auto idle = co_await on.borrow(); }
      co_await pause(50ms);
    }
    co_await until([&] { return on.all.open == 0; });
    EXPECT_EQ(on.stats().idle, 0U);
  });
}

asio::awaitable<void> become_read_only(scripted_session& session, crowd&) {
  co_await session.send(welcome());
  co_await session.receive_until('S');
  co_await session.send(server_error("25006") + ready());
  co_await session.until_gone();
}

TEST(pool, after_a_fail_over_all_connections_are_made_anew) {
  pool_play play{2};
  play.run(become_read_only, [](pool_play& on) -> asio::awaitable<void> {
    co_await on.fill(2);
    EXPECT_EQ(on.stats().idle, 2U);
    {
      const auto first = co_await on.borrow();
      const auto rows = co_await first->query(select_n, 5s);
      EXPECT_EQ(rows.error().sqlstate, "25006");
      EXPECT_TRUE(first->usable());
    }
    EXPECT_EQ(on.stats().idle, 0U) << "the other one was made before, too";
    const auto next = co_await on.borrow();
    EXPECT_EQ(on.all.accepted, 3U);
  });
}

std::string reported(const char* in_hot_standby) {
  return bytes_of(wire::parameter_status{"in_hot_standby", in_hot_standby}) +
         bytes_of(wire::parameter_status{"default_transaction_read_only", "off"});
}

/// The first session is told what has become of its server as soon as there is a second one.
asio::awaitable<void> become_a_standby(scripted_session& session, crowd& all) {
  const bool first = all.accepted == 1;
  const auto opening = bytes_of(wire::authentication{wire::authentication_ok{}}) +
                       bytes_of(wire::parameter_status{"server_encoding", "UTF8"}) +
                       reported("off") + ready();
  co_await session.send(opening);
  if (first) {
    co_await until([&all] { return all.accepted == 2; });
    co_await session.send(reported("on"));
  }
  co_await answer(session, all);
}

TEST(pool, a_server_that_says_it_is_of_another_role_is_left) {
  pool_play play{2};
  play.options.connection.target = session_attributes::read_write;
  play.run(become_a_standby, [](pool_play& on) -> asio::awaitable<void> {
    {
      const auto first = co_await on.borrow();
      const auto second = co_await on.borrow();
      while (!first->outdated()) co_await first->query(select_n, 5s);
      EXPECT_FALSE(second->outdated());
      EXPECT_TRUE(first->usable());
    }
    EXPECT_EQ(on.stats().idle, 0U) << "the other one was made before, too";
    const auto next = co_await on.borrow();
    EXPECT_EQ(on.all.accepted, 3U);
  });
}

}  // namespace
}  // namespace ingestor::pg
