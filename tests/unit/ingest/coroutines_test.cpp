// The pipeline's own coordination: async_mutex, work_signal, task_group.
#include "ingest/async_mutex.hpp"
#include "ingest/task_group.hpp"
#include "ingest/work_signal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> sleep(std::chrono::milliseconds time) {
  asio::steady_timer timer{co_await asio::this_coro::executor, time};
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> enter(async_mutex& mutex, int number, std::vector<int>& order) {
  const auto guard = co_await mutex.lock();
  order.push_back(number);
  co_await sleep(1ms);
  order.push_back(number);
}

TEST(async_mutex, lets_one_in_at_a_time_in_the_order_of_arrival) {
  asio::io_context context;
  async_mutex mutex{context.get_executor()};
  std::vector<int> order;
  for (int n = 1; n <= 3; ++n) {
    asio::co_spawn(context, enter(mutex, n, order), asio::detached);
  }
  context.run();
  EXPECT_EQ(order, (std::vector<int>{1, 1, 2, 2, 3, 3}));
}

asio::awaitable<void> cancel_one_waiter(async_mutex& mutex, std::vector<int>& order) {
  const auto executor = co_await asio::this_coro::executor;
  task_group waiters{executor};
  {
    const auto guard = co_await mutex.lock();
    waiters.spawn(enter(mutex, 1, order));
    co_await sleep(1ms);
    waiters.cancel();
    co_await waiters.join();
  }
  co_await enter(mutex, 2, order);
}

TEST(async_mutex, is_free_again_after_a_waiter_was_cancelled) {
  asio::io_context context;
  async_mutex mutex{context.get_executor()};
  std::vector<int> order;
  asio::co_spawn(context, cancel_one_waiter(mutex, order), asio::detached);
  context.run_for(5s);
  EXPECT_EQ(order, (std::vector<int>{2, 2}));
}

asio::awaitable<void> wait_and_tell(work_signal& signal, std::chrono::milliseconds at_most,
                                    std::string& log, const char* what) {
  co_await signal.wait(at_most);
  log += what;
}

TEST(work_signal, wakes_everybody_who_waits) {
  asio::io_context context;
  work_signal signal{context.get_executor()};
  std::string log;
  asio::co_spawn(context, wait_and_tell(signal, 1min, log, "a"), asio::detached);
  asio::co_spawn(context, wait_and_tell(signal, 1min, log, "b"), asio::detached);
  context.poll();
  EXPECT_EQ(log, "");
  signal.notify();
  context.run_for(5s);
  EXPECT_EQ(log.size(), 2U);
}

TEST(work_signal, gives_up_after_its_time) {
  asio::io_context context;
  work_signal signal{context.get_executor()};
  std::string log;
  asio::co_spawn(context, wait_and_tell(signal, 1ms, log, "late"), asio::detached);
  context.run_for(5s);
  EXPECT_EQ(log, "late");
}

asio::awaitable<void> sleep_or_tell(std::string& log) {
  co_await sleep(10min);
  log += "slept";
}

asio::awaitable<void> cancel_and_join(task_group& group, std::string& log) {
  group.spawn(sleep_or_tell(log));
  group.spawn(sleep_or_tell(log));
  co_await sleep(1ms);
  group.cancel();
  co_await group.join();
  log += "joined";
}

TEST(task_group, cancels_and_joins_all) {
  asio::io_context context;
  task_group group{context.get_executor()};
  std::string log;
  asio::co_spawn(context, cancel_and_join(group, log), asio::detached);
  context.run_for(5s);
  EXPECT_EQ(log, "joined");
  EXPECT_TRUE(group.empty());
}

asio::awaitable<void> join_and_tell(task_group& group, std::string& log) {
  co_await group.join();
  log += "joined";
}

TEST(task_group, joins_at_once_when_it_is_empty) {
  asio::io_context context;
  task_group group{context.get_executor()};
  std::string log;
  asio::co_spawn(context, join_and_tell(group, log), asio::detached);
  context.run_for(5s);
  EXPECT_EQ(log, "joined");
}

}  // namespace
}  // namespace ingestor::ingest
