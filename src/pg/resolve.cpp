#include "pg/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <string>
#include <sys/un.h>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using endpoints = std::vector<transport::endpoint>;

/// Outlives the coroutine that asked when its time is up first.
struct lookup {
  explicit lookup(const asio::any_io_executor& executor) : resolver{executor}, done{executor} {}

  tcp::resolver resolver;
  asio::steady_timer done;
  boost::system::error_code failure;
  endpoints found;
  bool answered = false;
};

void start(const std::shared_ptr<lookup>& state, const server_address& server) {
  const auto keep = [state](const boost::system::error_code& failure,
                            const tcp::resolver::results_type& results) {
    state->answered = true;
    state->failure = failure;
    for (const auto& each : results) state->found.emplace_back(each.endpoint());
    state->done.cancel();
  };
  state->resolver.async_resolve(server.host, std::to_string(server.port), keep);
}

result<endpoints> unix_endpoint(const server_address& server) {
  const auto path = server.socket_path();
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return make_error(error_category::configuration, "the path of the unix socket is too long");
  }
  return endpoints{asio::local::stream_protocol::endpoint{path}};
}

}  // namespace

asio::awaitable<result<endpoints>> resolve(server_address server,
                                           std::chrono::steady_clock::time_point until) {
  if (server.is_unix()) co_return unix_endpoint(server);
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(server.host, is_name);
  if (!is_name) co_return endpoints{tcp::endpoint{address, server.port}};

  const auto executor = co_await asio::this_coro::executor;
  const auto state = std::make_shared<lookup>(executor);
  state->done.expires_at(until);
  start(state, server);
  co_await state->done.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!state->answered) {
    state->resolver.cancel();
    co_return make_error(error_category::timeout, "the host name could not be resolved in time");
  }
  if (state->failure || state->found.empty()) {
    co_return make_error(error_category::connection,
                         "cannot resolve the host name: " + state->failure.message());
  }
  co_return state->found;
}

}  // namespace ingestor::pg
