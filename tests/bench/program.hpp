// What the measured programs share: a coroutine from beginning to end, and what goes wrong in it.
#pragma once

#include "pg/fsm/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace ingestor {

template <class T>
T taken(pg::result<T> outcome) {
  if (!outcome) throw std::runtime_error{outcome.error().text()};
  return std::move(*outcome);
}

/// Runs on `loop` as many of what `make` makes at once, each to its end. Returns the exit status: 1
/// when one of them threw, which has then been told and has ended the others.
template <class Make>
int run_programs(std::string_view name, boost::asio::io_context& loop, int count, Make make) {
  int status = 0;
  int left = count;
  const auto on_end = [&](const std::exception_ptr& failure) {
    // The timers of idle connections would keep the loop running.
    if (--left == 0 || failure) loop.stop();
    if (!failure) return;
    status = 1;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& why) {
      std::cerr << name << ": " << why.what() << '\n';
    }
  };
  for (int i = 0; i < count; ++i) boost::asio::co_spawn(loop, make(), on_end);
  loop.run();
  return status;
}

/// Runs `work` to its end, likewise.
inline int run_program(std::string_view name, boost::asio::awaitable<void> work) {
  boost::asio::io_context loop{1};
  return run_programs(name, loop, 1, [&] { return std::move(work); });
}

}  // namespace ingestor
