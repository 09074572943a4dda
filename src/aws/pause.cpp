#include "aws/pause.hpp"

#include "http/awaiting.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace ingestor::aws {

boost::asio::awaitable<bool> pause_after(int attempt, const limits& within) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto wait = within.pause;
  for (int i = 1; i < attempt; ++i) wait *= 2;
  boost::asio::steady_timer timer{executor, wait};
  const auto [cancelled] = co_await timer.async_wait(http::as_values);
  co_return !cancelled;
}

}  // namespace ingestor::aws
