// From a server's name to the addresses it can be reached under.
#pragma once

#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/error.hpp"
#include "pg/transport.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <vector>

namespace ingestor::pg {

/// Never empty. The system's resolver cannot be interrupted; when the time is up it is left to
/// finish on its own thread, and the answer is dropped.
boost::asio::awaitable<result<std::vector<transport::endpoint>>> resolve(
    server_address server, std::chrono::steady_clock::time_point until);

}  // namespace ingestor::pg
