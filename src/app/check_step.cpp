#include "app/check_step.hpp"

#include "app/event_loop.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <utility>

namespace ingestor::app {

namespace asio = boost::asio;

asio::awaitable<bool> tell_in_time(check_report& report, std::string_view topic,
                                   asio::awaitable<finding> step) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer limit{co_await asio::this_coro::executor, check_step_max};
  auto waiting = limit.async_wait(asio::as_tuple(asio::use_awaitable));
  const auto first = co_await (std::move(step) || std::move(waiting));
  const auto state = co_await asio::this_coro::cancellation_state;
  if (interrupted(state)) co_return false;
  if (const auto* const found = std::get_if<0>(&first)) {
    report.tell(topic, *found);
  } else {
    const auto seconds = std::to_string(check_step_max.count());
    report.tell(topic, {verdict::failed, "no answer within " + seconds +
                                             " s; check the network between, and that the server "
                                             "is not overloaded"});
  }
  co_return true;
}

}  // namespace ingestor::app
