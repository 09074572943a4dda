// Runs one coroutine to its end from a test.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace ingestor::testing_support {

template <class T>
boost::asio::awaitable<void> keep_result(boost::asio::awaitable<T> operation,
                                         std::optional<T>& out) {
  out.emplace(co_await std::move(operation));
}

/// Throws what the coroutine throws, and when it takes longer than half a minute.
template <class T>
T await_on(boost::asio::io_context& loop, boost::asio::awaitable<T> operation) {
  std::optional<T> out;
  std::exception_ptr thrown;
  bool done = false;
  boost::asio::co_spawn(loop, keep_result(std::move(operation), out),
                        [&](std::exception_ptr failure) {
                          thrown = std::move(failure);
                          done = true;
                        });
  loop.restart();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!done && loop.run_one_until(deadline) > 0) {
  }
  if (thrown) std::rethrow_exception(thrown);
  if (!done) throw std::runtime_error{"the coroutine did not end in time"};
  return std::move(*out);
}

}  // namespace ingestor::testing_support
