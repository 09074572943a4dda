// Who gets which connection, and when.
#include "pool_play.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

asio::awaitable<void> use_briefly(pool_play& on, int who, std::vector<int>& order) {
  const auto got = co_await on.borrow();
  order.push_back(who);
  co_await pause(1ms);
}

TEST(pool, first_come_first_served_over_one_connection) {
  pool_play play{1};
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    std::vector<int> order;
    for (int who = 1; who <= 3; ++who) {
      asio::co_spawn(on.stage.io, use_briefly(on, who, order), asio::detached);
    }
    co_await until([&] { return order.size() == 3 && on.stats().idle == 1; });
    EXPECT_THAT(order, ElementsAre(1, 2, 3));
    EXPECT_EQ(on.stats().attempts, 1U);
    EXPECT_EQ(on.all.accepted, 1U);
  });
}

TEST(pool, that_is_full_says_so) {
  pool_play play{1};
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    const auto first = co_await on.borrow();
    const auto second = co_await on.connections->lease(50ms);
    EXPECT_FALSE(second);
    EXPECT_EQ(second.error().category, error_category::timeout);
    EXPECT_THAT(second.error().text(), HasSubstr("1 of 1 are in use"));
  });
}

asio::awaitable<void> leave_in_transaction(scripted_session& session, crowd&) {
  co_await session.send(welcome());
  co_await session.receive_until('S');
  auto replies = one_bigint(1);
  replies.back() = 'T';
  co_await session.send(replies);
  co_await session.until_gone();
}

TEST(pool, a_transaction_left_open_closes_its_connection) {
  pool_play play{1};
  play.run(leave_in_transaction, [](pool_play& on) -> asio::awaitable<void> {
    {
      const auto first = co_await on.borrow();
      EXPECT_TRUE(co_await first->query(select_n, 5s));
      EXPECT_EQ(first->transaction_status(), 'T');
    }
    EXPECT_EQ(on.stats().idle, 0U);
    const auto second = co_await on.borrow();
    EXPECT_EQ(on.all.accepted, 2U);
  });
}

asio::awaitable<void> wait_in_vain(pool_play& on) {
  const auto got = co_await on.connections->lease(20s);
  EXPECT_FALSE(got);
}

TEST(pool, a_cancelled_caller_leaves_the_queue) {
  pool_play play{1};
  play.run(welcome_and_answer, [](pool_play& on) -> asio::awaitable<void> {
    asio::cancellation_signal signal;
    bool ended = false;
    {
      const auto first = co_await on.borrow();
      auto work = wait_in_vain(on);
      auto on_end = [&ended](const std::exception_ptr&) { ended = true; };
      asio::co_spawn(on.stage.io, std::move(work),
                     asio::bind_cancellation_slot(signal.slot(), std::move(on_end)));
      co_await until([&] { return on.stats().waiting == 1; });
      signal.emit(asio::cancellation_type::terminal);
      co_await until([&] { return ended; });
      EXPECT_EQ(on.stats().waiting, 0U);
    }
    const auto next = co_await on.borrow();
    EXPECT_EQ(on.all.accepted, 1U) << "the connection did not get lost";
  });
}

}  // namespace
}  // namespace ingestor::pg
