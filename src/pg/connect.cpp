#include "pg/connection.hpp"
#include "pg/fsm/attempt.hpp"
#include "pg/password_file.hpp"
#include "pg/resolve.hpp"

#include <utility>

namespace ingestor::pg {

namespace asio = boost::asio;
using steady_clock = std::chrono::steady_clock;

asio::awaitable<result<std::unique_ptr<connection>>> connection::connect_to(login_request request,
                                                                            key_deriver& keys) {
  const auto addresses = co_await resolve(request.server, request.until);
  if (!addresses) co_return fsm::combined(request.server, {addresses.error()});
  auto stream = co_await log_in(request, *addresses, keys);
  if (!stream) co_return stream.error();
  auto* const made = new connection{std::move(request), std::move(*stream)};
  co_return std::unique_ptr<connection>{made};
}

asio::awaitable<result<std::unique_ptr<connection>>> connect(connection_options options,
                                                             connection::duration timeout,
                                                             key_deriver& keys) {
  const auto attempts = fsm::attempts(options);
  const auto limit = fsm::limit_of_all(timeout, attempts.size(), options.connect_timeout);
  const auto until = steady_clock::now() + limit;
  std::vector<error> failures;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const auto now = steady_clock::now();
    login_request request;
    request.options = options;
    request.options.target = attempts[i].target;
    request.server = attempts[i].server;
    add_password(request.options, request.server);
    request.tls = fsm::first_tls_use(options.sslmode, request.server);
    request.until = now + fsm::share(until - now, attempts.size() - i);
    auto made = co_await connection::connect_to(std::move(request), keys);
    if (made) co_return std::move(made);
    failures.push_back(made.error());
    if (!fsm::try_next(failures.back()) || steady_clock::now() >= until) break;
  }
  co_return fsm::combined(failures);
}

asio::awaitable<result<std::unique_ptr<connection>>> connect(connection_options options,
                                                             connection::duration timeout) {
  key_deriver keys;
  co_return co_await connect(std::move(options), timeout, keys);
}

}  // namespace ingestor::pg
