#include "pg/pool.hpp"

#include "database.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

class pools : public database_test {
 protected:
  pool_options four() const {
    pool_options with;
    with.connection = options;
    with.size = 4;
    with.backoff_min = 20ms;
    with.backoff_max = 100ms;
    return with;
  }
};

struct tally {
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t wrong = 0;
  std::size_t running = 0;
  std::size_t in_use_max = 0;
};

asio::awaitable<void> ask_often(pool& from, int times, tally& count) {
  ++count.running;
  for (int i = 0; i < times; ++i) {
    auto got = co_await from.lease(30s);
    if (!got) {
      ++count.failed;
      continue;
    }
    count.in_use_max = std::max(count.in_use_max, from.stats().in_use);
    const statement echo{"echo", "select $1", {wire::int8(i)}, {wire::oid::int8}};
    const auto rows = co_await (*got)->query(echo, 10s);
    if (!rows) {
      ++count.failed;
    } else if (rows->get<std::int64_t>(0, 0) == i) {
      ++count.succeeded;
    } else {
      ++count.wrong;
    }
  }
  --count.running;
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer{co_await asio::this_coro::executor, time};
  co_await timer.async_wait(asio::use_awaitable);
}

TEST_F(pools, twenty_callers_share_four_connections) {
  run([this]() -> asio::awaitable<void> {
    pool connections{io.get_executor(), four(), keys};
    tally count;
    for (int i = 0; i < 20; ++i) {
      asio::co_spawn(io, ask_often(connections, 50, count), asio::detached);
    }
    do {
      co_await pause(10ms);
    } while (count.running > 0);
    EXPECT_EQ(count.succeeded, 1'000U);
    EXPECT_EQ(count.failed + count.wrong, 0U);
    EXPECT_EQ(count.in_use_max, 4U);
    EXPECT_LE(connections.stats().attempts, 4U);
    co_await connections.close();
    EXPECT_EQ(connections.stats().idle + connections.stats().in_use, 0U);
  });
}

TEST_F(pools, recover_when_the_server_ends_their_sessions) {
  options.application_name = "ingestor-pool-test";
  run([this]() -> asio::awaitable<void> {
    pool connections{io.get_executor(), four(), keys};
    tally count;
    for (int i = 0; i < 8; ++i) {
      asio::co_spawn(io, ask_often(connections, 300, count), asio::detached);
    }
    auto other = options;
    other.application_name = "executioner";
    const auto executioner = co_await connect(std::move(other), 10s, keys);
    EXPECT_TRUE(executioner);
    int killed = 0;
    do {
      co_await pause(20ms);
      killed += static_cast<int>(
          co_await one_bigint(**executioner,
                              "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                              "where application_name = 'ingestor-pool-test'"));
    } while (count.running > 0 && killed < 40);
    while (count.running > 0) co_await pause(20ms);
    EXPECT_GT(killed, 0);
    EXPECT_EQ(count.wrong, 0U);
    EXPECT_EQ(count.succeeded + count.failed, 8U * 300U);
    EXPECT_GT(count.succeeded, 8U * 300U / 2) << "after " << killed << " sessions were ended";
    auto last = co_await connections.lease(10s);
    EXPECT_TRUE(last) << (last ? "" : last.error().text());
    EXPECT_EQ(connections.stats().waiting, 0U);
  });
}

asio::awaitable<void> sleep_shortly(connection& on, int half_milliseconds) {
  const statement sleep{
      "sleep", "select pg_sleep($1)", {wire::float8(half_milliseconds * 0.0005)}, {}};
  const auto slept = co_await on.query(sleep, 10s);
  if (!slept) {
    EXPECT_EQ(slept.error().sqlstate, "57014") << slept.error().text();
  }
}

// Each statement lasts about as long as it takes a request to cancel it to arrive.
TEST_F(pools, no_borrower_meets_the_cancel_of_the_one_before) {
  run([this]() -> asio::awaitable<void> {
    auto with = four();
    with.size = 1;
    pool connections{io.get_executor(), std::move(with), keys};
    for (int i = 0; i < 200; ++i) {
      {
        const auto first = co_await connections.lease(10s);
        asio::steady_timer slept{io, asio::steady_timer::time_point::max()};
        const auto on_end = [&slept](const std::exception_ptr&) {
          slept.expires_at(asio::steady_timer::time_point::min());
        };
        auto sleep = sleep_shortly(**first, i % 20);
        asio::co_spawn(io, std::move(sleep), on_end);
        const auto cancelled = co_await (*first)->cancel(10s);
        EXPECT_TRUE(cancelled) << (cancelled ? "" : cancelled.error().text());
        co_await slept.async_wait(asio::as_tuple(asio::use_awaitable));
      }
      const auto next = co_await connections.lease(10s);
      EXPECT_EQ(co_await one_bigint(**next, "select 1::bigint"), 1);
    }
    EXPECT_EQ(connections.stats().attempts, 1U) << "it was the same connection all the time";
  });
}

TEST_F(pools, a_check_before_each_lease) {
  run([this]() -> asio::awaitable<void> {
    auto with = four();
    with.idle_check_after = 0s;
    pool connections{io.get_executor(), std::move(with), keys};
    tally count;
    for (int i = 0; i < 8; ++i) {
      asio::co_spawn(io, ask_often(connections, 25, count), asio::detached);
    }
    do {
      co_await pause(10ms);
    } while (count.running > 0);
    EXPECT_EQ(count.succeeded, 200U);
    EXPECT_LE(connections.stats().attempts, 4U);
  });
}

}  // namespace
}  // namespace ingestor::pg
