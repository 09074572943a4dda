// Wakes fetchers that have nothing to do.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace ingestor::ingest {

class work_signal {
 public:
  explicit work_signal(const boost::asio::any_io_executor& executor)
      : timer_{executor, std::chrono::steady_clock::time_point::max()} {}

  /// Everybody who waits goes on.
  void notify() { timer_.cancel(); }

  /// Until notify() or `at_most`.
  boost::asio::awaitable<void> wait(std::chrono::steady_clock::duration at_most);

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace ingestor::ingest
