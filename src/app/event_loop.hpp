// The one io_context of a command, and the signals that end it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <utility>

namespace ingestor::app {

/// What a signal makes of a command that has not taken it over.
enum class on_signal {
  /// It ends before its work is done: exit code `signalled` and the signal's number.
  interrupts,
  /// That is how it ends: exit code 0.
  stops
};

/// Whether a signal has cancelled the coroutine that this is the state of: what fails in it then
/// has not failed by itself, and is not to be complained about.
bool interrupted(const boost::asio::cancellation_state& state);

class event_loop {
 public:
  explicit event_loop(on_signal unless_taken_over = on_signal::interrupts);

  boost::asio::any_io_executor executor() { return context_.get_executor(); }

  /// Runs `main` to its end and returns its result. SIGINT or SIGTERM cancels it, unless it has
  /// taken the first one over; the second one ends the process at once. An exception of any
  /// coroutine on the loop, other than that of its cancellation, is a bug: it is told, and the
  /// process ends there, without a thought for what it may have left behind.
  int run(boost::asio::awaitable<int> main);

  /// From now on the first signal calls `stop` with its number instead of cancelling.
  void on_first_signal(std::function<void(int)> stop) { stop_ = std::move(stop); }

  /// The second one calls this before it ends the process, which must take no longer than a moment.
  void on_second_signal(std::function<void()> clean_up) { clean_up_ = std::move(clean_up); }

 private:
  void await_signal();
  void signalled(int number);

  on_signal unless_taken_over_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  boost::asio::cancellation_signal cancel_main_;
  std::function<void(int)> stop_;
  std::function<void()> clean_up_;
  int first_signal_ = 0;
};

}  // namespace ingestor::app
