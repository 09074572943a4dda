// Coroutines that belong together: started one by one, cancelled and joined as one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <exception>
#include <list>

namespace ingestor::ingest {

/// For the end of a coroutine: that it was cancelled is no error, any other exception is a bug and
/// goes on.
void rethrow_unless_cancelled(const std::exception_ptr& thrown);

/// Must outlive its tasks: join() before it goes.
class task_group {
 public:
  explicit task_group(const boost::asio::any_io_executor& executor);

  /// An exception that leaves `task`, other than that of its cancellation, is a programming error
  /// and ends the process.
  void spawn(boost::asio::awaitable<void> task);

  /// Asks every task to stop at its next suspension.
  void cancel();

  bool empty() const { return running_ == 0; }

  /// Until the last task has ended.
  boost::asio::awaitable<void> join();

 private:
  boost::asio::any_io_executor executor_;
  std::list<boost::asio::cancellation_signal> signals_;
  std::size_t running_ = 0;
  boost::asio::steady_timer all_ended_;
};

}  // namespace ingestor::ingest
