#include "ingest/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <utility>

namespace ingestor::ingest {

namespace asio = boost::asio;

void rethrow_unless_cancelled(const std::exception_ptr& thrown) {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;
  } catch (const asio::multiple_exceptions& several) {
    // Both sides of an `||` or `&&` were cancelled; what it keeps of them is the first.
    rethrow_unless_cancelled(several.first_exception());
  }
}

task_group::task_group(const asio::any_io_executor& executor)
    : executor_{executor}, all_ended_{executor, std::chrono::steady_clock::time_point::max()} {}

void task_group::spawn(asio::awaitable<void> task) {
  auto& signal = signals_.emplace_back();
  ++running_;
  asio::co_spawn(
      executor_, std::move(task),
      asio::bind_cancellation_slot(signal.slot(), [this](const std::exception_ptr& thrown) {
        if (--running_ == 0) all_ended_.cancel();
        rethrow_unless_cancelled(thrown);
      }));
}

void task_group::cancel() {
  for (auto& signal : signals_) signal.emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> task_group::join() {
  while (running_ > 0) {
    co_await all_ended_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  signals_.clear();
}

}  // namespace ingestor::ingest
