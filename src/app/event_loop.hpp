// The one io_context of a command, and the signals that end it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace ingestor::app {

class event_loop {
 public:
  event_loop();

  boost::asio::any_io_executor executor() { return context_.get_executor(); }

  /// Runs `main` to its end and returns its result. SIGINT or SIGTERM cancels it, unless it has
  /// taken the first one over; the second one ends the process at once.
  int run(boost::asio::awaitable<int> main);

  /// From now on the first signal calls `stop` with its number instead of cancelling.
  void on_first_signal(std::function<void(int)> stop) { stop_ = std::move(stop); }

 private:
  void await_signal();
  void signalled(int number);

  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  boost::asio::cancellation_signal cancel_main_;
  std::function<void(int)> stop_;
  int first_signal_ = 0;
};

}  // namespace ingestor::app
