// The sign of life before a connection is lent.
#include "pool_play.hpp"

#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

TEST(pool, what_was_heard_of_lately_is_lent_unasked) {
  pool_play play{1};
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const auto got = co_await on.borrow();
      EXPECT_TRUE(co_await got->query(select_n, 5s));
    }
    EXPECT_EQ(on.all.checks, 0U);
  });
}

TEST(pool, what_counts_is_when_the_server_answered_last) {
  pool_play play{1};
  play.options.idle_check_after = 150ms;
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    {
      const auto got = co_await on.borrow();
      co_await pause(160ms);
      EXPECT_TRUE(co_await got->query(select_n, 5s));
    }
    {
      const auto got = co_await on.borrow();
      EXPECT_EQ(on.all.checks, 0U);
      co_await pause(160ms);
    }
    const auto got = co_await on.borrow();
    EXPECT_EQ(on.all.checks, 1U) << "it was lent, but not used";
  });
}

TEST(pool, each_lease_is_preceded_by_one_check_where_that_is_asked_for) {
  pool_play play{1};
  play.options.idle_check_after = 0s;
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const auto got = co_await on.borrow();
      EXPECT_TRUE(co_await got->query(select_n, 5s));
    }
    EXPECT_EQ(on.all.checks, 2U) << "a connection that was just made has answered just now";
    EXPECT_EQ(on.all.accepted, 1U);
  });
}

TEST(pool, a_peer_that_vanished_without_a_word_is_not_lent) {
  pool_play play{3};
  play.options.idle_check_after = 0s;
  play.options.health_check_timeout = 50ms;
  play.run(welcome_and_fall_silent, [](pool_play& on) -> asio::awaitable<void> {
    co_await on.fill(3);
    EXPECT_EQ(on.stats().idle, 3U);
    const auto got = co_await on.borrow();
    EXPECT_TRUE(got->usable());
    EXPECT_EQ(on.all.accepted, 4U);
    EXPECT_EQ(on.all.checks, 1U) << "the caller waits for one of them, not for each";
    EXPECT_EQ(on.stats().attempts_failed, 0U);
    EXPECT_EQ(on.stats().idle, 0U);
  });
}

TEST(pool, a_check_counts_in_its_size) {
  pool_play play{1};
  play.options.idle_check_after = 0s;
  play.options.health_check_timeout = 100ms;
  play.run(welcome_and_fall_silent, [](pool_play& on) -> asio::awaitable<void> {
    co_await on.fill(1);
    on.ask(5s);
    on.ask(5s);
    co_await until([&] { return on.all.checks == 1; });
    EXPECT_EQ(on.stats().idle, 1U);
    EXPECT_EQ(on.stats().connecting, 0U);
    co_await until([&] { return on.results.size() == 1; });
    EXPECT_EQ(on.all.accepted, 2U);
    EXPECT_EQ(on.stats().waiting, 1U);
    on.results.clear();
  });
}

TEST(pool, a_caller_who_leaves_meanwhile_loses_nothing) {
  pool_play play{1};
  play.options.idle_check_after = 0s;
  play.options.health_check_timeout = 100ms;
  play.run(welcome_and_fall_silent, [](pool_play& on) -> asio::awaitable<void> {
    co_await on.fill(1);
    const auto got = co_await on.connections->lease(20ms);
    EXPECT_FALSE(got);
    EXPECT_EQ(got.error().category, error_category::timeout);
    co_await until([&] { return on.stats().idle == 0; });
    const auto next = co_await on.borrow();
    EXPECT_EQ(on.all.accepted, 2U);
  });
}

asio::awaitable<void> welcome_and_complain(scripted_session& session, crowd&) {
  co_await session.send(welcome());
  co_await session.receive_until('S');
  const auto reply = server_error("XX000") + ready();
  co_await session.send(reply);
  co_await session.until_gone();
}

TEST(pool, an_error_is_no_sign_of_life) {
  pool_play play{1};
  play.options.idle_check_after = 0s;
  play.run(welcome_and_complain, [](pool_play& on) -> asio::awaitable<void> {
    co_await on.fill(1);
    const auto got = co_await on.borrow();
    EXPECT_EQ(on.all.accepted, 2U);
  });
}

/// A cancel takes effect on whatever comes first after it.
asio::awaitable<void> cancel_late(scripted_session& session, crowd& all) {
  co_await session.send(welcome());
  std::size_t done = 0;
  for (;;) {
    const auto message = co_await session.receive_message();
    if (message.type == 0 || message.type == 'X') co_return;
    if (message.type != 'S') continue;
    const bool hit = done < all.cancels;
    done = all.cancels;
    const auto reply = hit ? server_error("57014") + ready() : one_bigint(1);
    co_await session.send(reply);
  }
}

TEST(pool, a_cancel_that_comes_late_does_not_hit_the_next_borrower) {
  pool_play play{1};
  play.run(cancel_late, [](pool_play& on) -> asio::awaitable<void> {
    {
      const auto first = co_await on.borrow();
      EXPECT_TRUE(co_await first->cancel(5s));
    }
    const auto second = co_await on.borrow();
    const auto rows = co_await second->query(select_n, 5s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    EXPECT_EQ(on.all.accepted, 1U) << "it is the same connection";
  });
}

TEST(pool, a_cancel_that_its_own_caller_met_needs_no_check) {
  pool_play play{1};
  play.run(cancel_late, [](pool_play& on) -> asio::awaitable<void> {
    {
      const auto first = co_await on.borrow();
      EXPECT_TRUE(co_await first->cancel(5s));
      const auto rows = co_await first->query(select_n, 5s);
      EXPECT_EQ(rows.error().sqlstate, "57014");
    }
    const auto second = co_await on.borrow();
    EXPECT_TRUE(co_await second->query(select_n, 5s)) << "this peer has no answer to a check";
    EXPECT_EQ(on.all.accepted, 1U);
  });
}

TEST(pool, a_connection_is_closed_where_nobody_knows_what_became_of_a_cancel) {
  pool_play play{1};
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    {
      const auto first = co_await on.borrow();
      on.stage.peer.stop_listening();
      EXPECT_FALSE(co_await first->cancel(5s));
      EXPECT_TRUE(first->usable());
    }
    EXPECT_EQ(on.stats().idle, 0U);
    EXPECT_EQ(on.all.checks, 0U);
  });
}

}  // namespace
}  // namespace ingestor::pg
