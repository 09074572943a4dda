#include "http/resolve.hpp"

#include "http/awaiting.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <memory>
#include <string>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Shared with the handler of a lookup, which may outlive the coroutine that asked.
struct lookup {
  lookup(const asio::any_io_executor& executor, std::chrono::steady_clock::time_point deadline)
      : resolver{executor}, answered{executor, deadline} {}

  void add(const tcp::endpoint& endpoint) {
    const auto family = std::count_if(
        endpoints.begin(), endpoints.end(),
        [&](const tcp::endpoint& other) { return other.protocol() == endpoint.protocol(); });
    if (static_cast<std::size_t>(family) < addresses_max) endpoints.push_back(endpoint);
  }

  tcp::resolver resolver;
  asio::steady_timer answered;  // cancelled by the answer
  bool done = false;
  error_code failed;
  std::vector<tcp::endpoint> endpoints;
};

void start(const std::shared_ptr<lookup>& state, const origin& where) {
  state->resolver.async_resolve(
      where.host, std::to_string(where.port), tcp::resolver::numeric_service,
      [state](error_code failed, const tcp::resolver::results_type& found) {
        state->done = true;
        state->failed = failed;
        for (const auto& entry : found) state->add(entry.endpoint());
        state->answered.cancel();
      });
}

}  // namespace

asio::awaitable<result<std::vector<tcp::endpoint>>> resolve(
    origin where, std::chrono::steady_clock::time_point deadline) {
  error_code not_an_address;
  const auto address = asio::ip::make_address(where.host, not_an_address);
  if (!not_an_address) co_return std::vector{tcp::endpoint{address, where.port}};

  const auto executor = co_await asio::this_coro::executor;
  const auto state = std::make_shared<lookup>(executor, deadline);
  start(state, where);
  const auto [waited] = co_await state->answered.async_wait(as_values);
  if (!state->done) {
    if (waited) co_return error{error_kind::cancelled, "looking up " + where.host + " was stopped"};
    co_return error{error_kind::timeout, "looking up " + where.host + " took too long"};
  }
  if (state->failed || state->endpoints.empty()) {
    co_return error{error_kind::resolve,
                    "looking up " + where.host + " failed: " + state->failed.message()};
  }
  co_return std::move(state->endpoints);
}

}  // namespace ingestor::http
