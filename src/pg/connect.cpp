#include "pg/connection.hpp"
#include "pg/fsm/attempt.hpp"
#include "pg/resolve.hpp"

#include <utility>

namespace ingestor::pg {

namespace asio = boost::asio;
using steady_clock = std::chrono::steady_clock;

asio::awaitable<result<std::unique_ptr<connection>>> connection::connect_to(login_request request,
                                                                            key_deriver& keys) {
  std::vector<error> failures;
  const auto addresses = co_await resolve(request.server, request.until);
  if (!addresses) {
    failures.push_back(addresses.error());
  } else {
    for (std::size_t i = 0; i < addresses->size(); ++i) {
      request.address = (*addresses)[i];
      auto stream = co_await log_in(request, keys);
      if (stream) {
        auto* const made = new connection{std::move(request), std::move(*stream)};
        co_return std::unique_ptr<connection>{made};
      }
      failures.push_back(stream.error());
      if (!fsm::try_next(failures.back())) break;
    }
  }
  auto failure = std::move(failures.back());
  failure.server = request.server.text();
  co_return failure;
}

asio::awaitable<result<std::unique_ptr<connection>>> connection::connect(connection_options options,
                                                                         duration timeout,
                                                                         key_deriver& keys) {
  const auto until = steady_clock::now() + timeout;
  const auto attempts = fsm::attempts(options);
  std::vector<error> failures;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const auto now = steady_clock::now();
    login_request request;
    request.options = options;
    request.options.target = attempts[i].target;
    request.server = attempts[i].server;
    request.tls = fsm::first_tls_use(options.sslmode, request.server);
    request.until = now + fsm::share(until - now, attempts.size() - i, options.connect_timeout);
    auto made = co_await connect_to(std::move(request), keys);
    if (made) co_return std::move(made);
    failures.push_back(made.error());
    if (!fsm::try_next(failures.back()) || steady_clock::now() >= until) break;
  }
  co_return fsm::combined(failures);
}

asio::awaitable<result<std::unique_ptr<connection>>> connection::connect(connection_options options,
                                                                         duration timeout) {
  key_deriver keys;
  co_return co_await connect(std::move(options), timeout, keys);
}

}  // namespace ingestor::pg
