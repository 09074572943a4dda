#include "pg/pool.hpp"

#include "pg/pool_state.hpp"
#include "scripted_peer.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <list>
#include <stdexcept>

namespace ingestor::pg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A server that treats every connection alike, until it is told to stop.
struct crowd {
  std::size_t accepted = 0;
  std::size_t open = 0;
  std::size_t open_max = 0;
  std::list<scripted_session> sessions;
};

using behaviour = asio::awaitable<void> (*)(scripted_session&);

asio::awaitable<void> serve(scripted_session& session, crowd& all, behaviour how) {
  ++all.accepted;
  all.open_max = std::max(all.open_max, ++all.open);
  co_await session.receive_untyped();
  co_await how(session);
  session.close();
  --all.open;
}

asio::awaitable<void> serve_all(scripted_peer& peer, crowd& all, behaviour how) {
  try {
    for (;;) {
      all.sessions.push_back(co_await peer.accept_another());
      const auto executor = co_await asio::this_coro::executor;
      asio::co_spawn(executor, serve(all.sessions.back(), all, how), asio::detached);
    }
  } catch (const boost::system::system_error&) {
    // The test has ended and closed the acceptor.
  }
}

asio::awaitable<void> answer_everything(scripted_session& session) {
  co_await session.send(welcome());
  for (;;) {
    const auto message = co_await session.receive_message();
    if (message.type == 0 || message.type == 'X') co_return;
    if (message.type == 'S') co_await session.send(one_bigint(1));
  }
}

asio::awaitable<void> hang_up(scripted_session& session) {
  co_await pause(10ms);
  session.close();
}

asio::awaitable<void> refuse(scripted_session& session) {
  co_await session.send(server_error("28P01", "FATAL"));
}

asio::awaitable<void> let_in_and_hang_up(scripted_session& session) {
  co_await session.send(welcome());
  co_await pause(10ms);
  session.close();
}

asio::awaitable<void> leave_in_transaction(scripted_session& session) {
  co_await session.send(welcome());
  co_await session.receive_until('S');
  auto replies = one_bigint(1);
  replies.back() = 'T';
  co_await session.send(replies);
  co_await session.until_gone();
}

pool_options small_pool(const scripted_peer& peer, std::size_t size) {
  pool_options options;
  options.connection = options_for(peer);
  options.size = size;
  options.connect_timeout = 2s;
  options.backoff_min = 50ms;
  options.backoff_max = 100ms;
  return options;
}

/// Runs a client against a server of one behaviour.
class pool_play {
 public:
  stage_play play;
  crowd all;
  key_deriver keys;

  void run(behaviour how, std::function<asio::awaitable<void>(pool_play&)> client) {
    const auto on_stage = [this, &client](stage_play& on) -> asio::awaitable<void> {
      co_await client(*this);
      on.peer.stop_listening();
      for (auto& each : all.sessions) each.close();
    };
    play.run(on_stage, [this, how](scripted_peer& peer) { return serve_all(peer, all, how); });
  }
};

asio::awaitable<void> acquire_into(pool& from, std::chrono::milliseconds timeout,
                                   std::vector<result<lease>>& results) {
  auto got = co_await from.lease(timeout);
  results.push_back(std::move(got));
}

asio::awaitable<void> use_briefly(pool& from, int who, std::vector<int>& order) {
  auto got = co_await from.lease(5s);
  EXPECT_TRUE(got);
  order.push_back(who);
  co_await pause(5ms);
}

asio::awaitable<void> three_in_a_row(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 1), on.keys};
  std::vector<int> order;
  for (int who = 1; who <= 3; ++who) {
    asio::co_spawn(on.play.io, use_briefly(connections, who, order), asio::detached);
  }
  co_await pause(5ms);
  EXPECT_EQ(connections.stats().waiting + connections.stats().in_use, 3U);
  co_await pause(200ms);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
  EXPECT_EQ(connections.stats().idle, 1U);
  EXPECT_EQ(connections.stats().attempts, 1U);
  EXPECT_EQ(on.all.accepted, 1U);
}

TEST(pool, first_come_first_served_over_one_connection) {
  pool_play play;
  play.run(answer_everything, three_in_a_row);
}

asio::awaitable<void> ten_while_it_is_down(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 4), on.keys};
  std::vector<result<lease>> results;
  for (int i = 0; i < 10; ++i) {
    asio::co_spawn(on.play.io, acquire_into(connections, 800ms, results), asio::detached);
  }
  co_await pause(100ms);
  on.all.open_max = on.all.open;
  co_await pause(900ms);
  EXPECT_LE(on.all.open_max, 1U) << "after a failure one attempt at a time";
  EXPECT_EQ(results.size(), 10U);
  for (const auto& each : results) {
    EXPECT_FALSE(each);
    EXPECT_EQ(each.error().category, error_category::connection) << each.error().text();
  }
  // Four at once, then one each 35 ms (10 to hang up, 25 of pause) at the most.
  EXPECT_GE(on.all.accepted, 5U);
  EXPECT_LE(on.all.accepted, 30U);
  EXPECT_EQ(connections.stats().waiting, 0U);
}

TEST(pool, a_server_that_is_down_is_not_met_by_a_crowd) {
  pool_play play;
  play.run(hang_up, ten_while_it_is_down);
}

asio::awaitable<void> refused_at_once(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 2), on.keys};
  std::vector<result<lease>> results;
  for (int i = 0; i < 5; ++i) {
    asio::co_spawn(on.play.io, acquire_into(connections, 10s, results), asio::detached);
  }
  co_await pause(200ms);
  EXPECT_EQ(results.size(), 5U) << "nobody waits for a password to become right";
  for (const auto& each : results) {
    EXPECT_EQ(each.error().category, error_category::authentication);
  }
}

TEST(pool, a_refused_login_is_told_to_all_who_wait) {
  pool_play play;
  play.run(refuse, refused_at_once);
}

asio::awaitable<void> none_free(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 1), on.keys};
  const auto first = co_await connections.lease(5s);
  EXPECT_TRUE(first);
  const auto second = co_await connections.lease(50ms);
  EXPECT_FALSE(second);
  EXPECT_EQ(second.error().category, error_category::timeout);
  EXPECT_THAT(second.error().text(), HasSubstr("1 of 1 are in use"));
}

TEST(pool, a_full_pool_says_so) {
  pool_play play;
  play.run(answer_everything, none_free);
}

asio::awaitable<void> died_while_idle(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 1), on.keys};
  { const auto first = co_await connections.lease(5s); }
  EXPECT_EQ(connections.stats().idle, 1U);
  co_await pause(50ms);
  const auto second = co_await connections.lease(5s);
  EXPECT_TRUE(second);
  EXPECT_EQ(on.all.accepted, 2U);
}

TEST(pool, a_connection_that_died_while_idle_is_not_lent) {
  pool_play play;
  play.run(let_in_and_hang_up, died_while_idle);
}

asio::awaitable<void> transaction_left_open(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 1), on.keys};
  {
    const auto first = co_await connections.lease(5s);
    const auto rows = co_await (*first)->query(select_n, 5s);
    EXPECT_TRUE(rows);
    EXPECT_EQ((*first)->transaction_status(), 'T');
  }
  EXPECT_EQ(connections.stats().idle, 0U);
  const auto second = co_await connections.lease(5s);
  EXPECT_TRUE(second);
  EXPECT_EQ(on.all.accepted, 2U);
}

TEST(pool, a_transaction_left_open_closes_its_connection) {
  pool_play play;
  play.run(leave_in_transaction, transaction_left_open);
}

asio::awaitable<void> aged(pool_play& on) {
  auto options = small_pool(on.play.peer, 1);
  options.connection_age_max = 20ms;
  pool connections{on.play.io.get_executor(), std::move(options), on.keys};
  { const auto first = co_await connections.lease(5s); }
  co_await pause(50ms);
  const auto second = co_await connections.lease(5s);
  EXPECT_TRUE(second);
  EXPECT_EQ(on.all.accepted, 2U);
}

TEST(pool, an_old_connection_is_replaced) {
  pool_play play;
  play.run(answer_everything, aged);
}

asio::awaitable<void> cancelled_in_the_queue(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 1), on.keys};
  std::vector<result<lease>> results;
  asio::cancellation_signal signal;
  bool ended = false;
  {
    const auto first = co_await connections.lease(5s);
    auto work = acquire_into(connections, 10s, results);
    auto on_end = [&ended](std::exception_ptr) { ended = true; };
    asio::co_spawn(on.play.io, std::move(work),
                   asio::bind_cancellation_slot(signal.slot(), std::move(on_end)));
    co_await pause(10ms);
    EXPECT_EQ(connections.stats().waiting, 1U);
    signal.emit(asio::cancellation_type::terminal);
    co_await pause(10ms);
    EXPECT_TRUE(ended);
    EXPECT_EQ(connections.stats().waiting, 0U);
  }
  const auto next = co_await connections.lease(1s);
  EXPECT_TRUE(next) << "the connection did not get lost";
}

TEST(pool, a_cancelled_caller_leaves_the_queue) {
  pool_play play;
  play.run(answer_everything, cancelled_in_the_queue);
}

asio::awaitable<void> hold(pool& from, std::chrono::milliseconds time) {
  const auto got = co_await from.lease(5s);
  EXPECT_TRUE(got);
  co_await pause(time);
}

asio::awaitable<void> closing(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 1), on.keys};
  asio::co_spawn(on.play.io, hold(connections, 100ms), asio::detached);
  co_await pause(20ms);
  std::vector<result<lease>> results;
  asio::co_spawn(on.play.io, acquire_into(connections, 10s, results), asio::detached);
  co_await pause(10ms);
  const auto began = std::chrono::steady_clock::now();
  co_await connections.close();
  EXPECT_GE(std::chrono::steady_clock::now() - began, 50ms) << "it waits for what is lent";
  EXPECT_EQ(results.size(), 1U);
  EXPECT_EQ(results.front().error().category, error_category::shutdown);
  const auto late = co_await connections.lease(1s);
  EXPECT_FALSE(late);
  EXPECT_EQ(late.error().category, error_category::shutdown);
}

TEST(pool, closing_refuses_those_who_wait_and_waits_for_what_is_lent) {
  pool_play play;
  play.run(answer_everything, closing);
}

asio::awaitable<void> say_nothing(scripted_session& session) {
  co_await session.until_gone();
}

asio::awaitable<void> closing_while_connecting(pool_play& on) {
  auto options = small_pool(on.play.peer, 1);
  options.connect_timeout = 20s;
  pool connections{on.play.io.get_executor(), std::move(options), on.keys};
  std::vector<result<lease>> results;
  asio::co_spawn(on.play.io, acquire_into(connections, 20s, results), asio::detached);
  co_await pause(20ms);
  EXPECT_EQ(connections.stats().connecting, 1U);
  const auto began = std::chrono::steady_clock::now();
  co_await connections.close();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  EXPECT_EQ(connections.stats().connecting, 0U);
}

TEST(pool, closing_ends_the_attempts_under_way) {
  pool_play play;
  play.run(say_nothing, closing_while_connecting);
}

asio::awaitable<void> become_read_only(scripted_session& session) {
  co_await session.send(welcome());
  co_await session.receive_until('S');
  co_await session.send(server_error("25006") + ready());
  co_await session.until_gone();
}

asio::awaitable<void> read_only_in_the_middle(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 2), on.keys};
  {
    const auto first = co_await connections.lease(5s);
    const auto second = co_await connections.lease(5s);
    EXPECT_TRUE(second);
  }
  EXPECT_EQ(connections.stats().idle, 2U);
  {
    const auto first = co_await connections.lease(5s);
    const auto rows = co_await (*first)->query(select_n, 5s);
    EXPECT_EQ(rows.error().sqlstate, "25006");
    EXPECT_TRUE((*first)->usable());
  }
  EXPECT_EQ(connections.stats().idle, 0U) << "the other one was made before, too";
  const auto next = co_await connections.lease(5s);
  EXPECT_TRUE(next);
  EXPECT_EQ(on.all.accepted, 3U);
}

TEST(pool, after_a_fail_over_all_connections_are_made_anew) {
  pool_play play;
  play.run(become_read_only, read_only_in_the_middle);
}

asio::awaitable<void> let_in_and_shut_down(scripted_session& session) {
  co_await session.send(welcome() + server_error("57P01", "FATAL"));
}

asio::awaitable<void> dead_on_arrival(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 1), on.keys};
  const auto got = co_await connections.lease(400ms);
  EXPECT_FALSE(got);
  EXPECT_EQ(got.error().sqlstate, "57P01") << got.error().text();
  EXPECT_LE(on.all.accepted, 18U) << "a pause of at least 25 ms between them";
  EXPECT_EQ(connections.stats().attempts_failed, connections.stats().attempts);
}

TEST(pool, a_session_that_ends_as_it_begins_is_a_failed_attempt) {
  pool_play play;
  play.run(let_in_and_shut_down, dead_on_arrival);
}

asio::awaitable<void> a_burst_that_fails(pool_play& on) {
  auto options = small_pool(on.play.peer, 4);
  options.backoff_min = 100ms;
  options.backoff_max = 10s;
  pool connections{on.play.io.get_executor(), std::move(options), on.keys};
  std::vector<result<lease>> results;
  for (int i = 0; i < 4; ++i) {
    asio::co_spawn(on.play.io, acquire_into(connections, 1s, results), asio::detached);
  }
  co_await pause(50ms);
  EXPECT_EQ(connections.stats().attempts_failed, 4U);
  co_await pause(150ms);
  EXPECT_EQ(connections.stats().attempts, 5U) << "the first pause is the shortest one";
  co_await connections.close();
  co_await pause(10ms);
  EXPECT_EQ(results.size(), 4U);
}

TEST(pool, attempts_that_fail_together_count_once) {
  pool_play play;
  play.run(hang_up, a_burst_that_fails);
}

asio::awaitable<void> closed_twice(pool_play& on) {
  pool connections{on.play.io.get_executor(), small_pool(on.play.peer, 1), on.keys};
  asio::co_spawn(on.play.io, hold(connections, 300ms), asio::detached);
  co_await pause(20ms);
  bool closed = false;
  const auto on_end = [&closed](const std::exception_ptr&) { closed = true; };
  asio::co_spawn(on.play.io, connections.close(), on_end);
  const auto before = std::clock();
  co_await connections.close();
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 10) << "it waits, it does not poll";
  co_await pause(10ms);
  EXPECT_TRUE(closed);
}

TEST(pool, may_be_closed_by_two_at_once) {
  pool_play play;
  play.run(answer_everything, closed_twice);
}

asio::awaitable<void> aged_at_the_bottom(pool_play& on) {
  auto options = small_pool(on.play.peer, 2);
  options.connection_age_max = 300ms;
  pool connections{on.play.io.get_executor(), std::move(options), on.keys};
  {
    auto old = co_await connections.lease(5s);
    co_await pause(200ms);
    const auto younger = co_await connections.lease(5s);
    { const auto given_back_first = std::move(old); }
  }
  EXPECT_EQ(connections.stats().idle, 2U);
  co_await pause(150ms);
  { const auto younger = co_await connections.lease(5s); }
  EXPECT_EQ(connections.stats().idle, 1U);
  EXPECT_EQ(on.all.accepted, 2U);
}

TEST(pool, an_old_connection_is_closed_even_where_nobody_asks_for_it) {
  pool_play play;
  play.run(answer_everything, aged_at_the_bottom);
}

TEST(pool, an_exception_is_told_as_what_it_is) {
  asio::io_context io;
  key_deriver keys;
  const auto state = std::make_shared<pool_state>(io.get_executor(), pool_options{}, keys);
  const auto told = [&state](const auto& exception) {
    ++state->connecting;
    state->attempt_ended(std::make_exception_ptr(exception), {});
    return state->last_failure ? state->last_failure->text() : std::string{};
  };
  EXPECT_THAT(told(std::runtime_error{"no randomness"}), HasSubstr("no randomness"));
  EXPECT_EQ(state->last_failure->category, error_category::connection);
  told(boost::system::system_error{asio::error::operation_aborted});
  EXPECT_EQ(state->last_failure->category, error_category::shutdown);
  EXPECT_EQ(state->attempts_failed, 2U);
}

}  // namespace
}  // namespace ingestor::pg
