#include "pg/key_deriver.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::uint32_t iterations = 50;

asio::awaitable<void> derive(key_deriver& keys, int& derived) {
  const auto key = co_await keys.derive(secret{"password"}, std::vector<std::byte>(16), iterations);
  EXPECT_EQ(key, wire::derive_key("password", std::vector<std::byte>(16), iterations));
  ++derived;
}

asio::awaitable<void> count_ticks(int& ticks) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;; ++ticks) {
    timer.expires_after(1ms);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

TEST(key_deriver, leaves_the_loop_to_others) {
  asio::io_context io;
  key_deriver keys;
  int ticks = 0;
  asio::co_spawn(io, count_ticks(ticks), asio::detached);
  auto work = keys.derive(secret{"password"}, std::vector<std::byte>(16), 100'000);
  asio::co_spawn(io, std::move(work),
                 [&](std::exception_ptr, const wire::scram_key&) { io.stop(); });
  io.run_for(30s);
  EXPECT_GE(ticks, 3) << "the key took many milliseconds, and so would every timer have";
}

// Each derivation is cancelled a little later than the one before, so that many are hit in the
// moment in which the thread hands its result over.
TEST(key_deriver, may_be_cancelled_at_any_moment) {
  asio::io_context io;
  key_deriver keys;
  int derived = 0;
  int ended = 0;
  constexpr int attempts = 3000;
  for (int n = 0; n < attempts; ++n) {
    asio::cancellation_signal cancel;
    asio::co_spawn(
        io, derive(keys, derived),
        asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr&) { ++ended; }));
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds{n % 100};
    while (std::chrono::steady_clock::now() < until) io.poll();
    cancel.emit(asio::cancellation_type::terminal);
    io.restart();
    io.run_for(30s);
  }
  EXPECT_EQ(ended, attempts);
}

}  // namespace
}  // namespace ingestor::pg
