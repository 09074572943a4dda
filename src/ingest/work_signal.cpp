#include "ingest/work_signal.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace ingestor::ingest {

namespace asio = boost::asio;

asio::awaitable<void> work_signal::wait(std::chrono::steady_clock::duration at_most) {
  using namespace asio::experimental::awaitable_operators;
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  asio::steady_timer limit{timer_.get_executor(), at_most};
  co_await (timer_.async_wait(token) || limit.async_wait(token));
}

}  // namespace ingestor::ingest
