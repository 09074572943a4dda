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

/// Runs `work` to its end. Returns the exit status: 1 when it threw, which has then been told.
inline int run_program(std::string_view name, boost::asio::awaitable<void> work) {
  boost::asio::io_context loop{1};
  int status = 0;
  const auto on_end = [&](const std::exception_ptr& failure) {
    if (!failure) return;
    status = 1;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& why) {
      std::cerr << name << ": " << why.what() << '\n';
    }
  };
  boost::asio::co_spawn(loop, std::move(work), on_end);
  loop.run();
  return status;
}

}  // namespace ingestor
