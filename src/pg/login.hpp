// One server, from nothing to a session.
#pragma once

#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/startup.hpp"
#include "pg/key_deriver.hpp"
#include "pg/message_stream.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace ingestor::pg {

/// Where to, by which rules, until when.
struct login_request {
  connection_options options;
  server_address server;
  transport::endpoint address;
  fsm::tls_use tls = fsm::tls_use::none;
  std::chrono::steady_clock::time_point until;
};

/// Connects and logs in at one of a server's addresses, tried in order; there is at least one. Each
/// has connect_timeout, or an equal share of what is left until `request.until`, whichever is less.
/// `request.address` is then the one that let us in. `request` and `keys` must outlive the
/// operation. With sslmode=prefer and allow, and as libpq does, tries an address once more, without
/// TLS or with it, where fsm::startup says so.
boost::asio::awaitable<result<std::unique_ptr<message_stream>>> log_in(
    login_request& request, std::vector<transport::endpoint> addresses, key_deriver& keys);

/// Connects under the same TLS policy, asks the server to cancel, and waits until it has taken
/// note of it (it closes the connection).
boost::asio::awaitable<result<void>> send_cancel(const login_request& request,
                                                 wire::backend_key_data key);

}  // namespace ingestor::pg
