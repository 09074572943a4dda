#include "app/event_loop.hpp"

#include "app/bug.hpp"
#include "app/exit_code.hpp"
#include "ingest/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <csignal>
#include <exception>
#include <unistd.h>
#include <utility>

namespace ingestor::app {

namespace asio = boost::asio;

bool interrupted(const asio::cancellation_state& state) {
  return state.cancelled() != asio::cancellation_type::none;
}

event_loop::event_loop(on_signal unless_taken_over)
    : unless_taken_over_{unless_taken_over}, signals_{context_, SIGINT, SIGTERM} {}

int event_loop::run(asio::awaitable<int> main) {
  int code = exit_code::ok;
  await_signal();
  asio::co_spawn(context_, std::move(main),
                 asio::bind_cancellation_slot(cancel_main_.slot(),
                                              [&](const std::exception_ptr& thrown, int result) {
                                                signals_.cancel();
                                                context_.stop();
                                                ingest::rethrow_unless_cancelled(thrown);
                                                code = result;
                                              }));
  try {
    context_.run();
  } catch (const std::exception& error) {
    end_by_bug(error);
  }
  if (first_signal_ == 0 || stop_) return code;
  return unless_taken_over_ == on_signal::stops ? exit_code::ok
                                                : exit_code::signalled + first_signal_;
}

void event_loop::await_signal() {
  signals_.async_wait([this](boost::system::error_code error, int number) {
    if (!error) signalled(number);
  });
}

void event_loop::signalled(int number) {
  if (first_signal_ != 0) {
    if (clean_up_) clean_up_();
    _exit(exit_code::signalled + number);
  }
  first_signal_ = number;
  await_signal();
  if (stop_) {
    stop_(number);
  } else {
    cancel_main_.emit(asio::cancellation_type::terminal);
  }
}

}  // namespace ingestor::app
