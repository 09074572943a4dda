// Which servers are tried, for how long, and when to stop.
#pragma once

#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/error.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace ingestor::pg::fsm {

/// One pass over the servers: with which demand on their role.
struct attempt {
  server_address server;
  session_attributes target = session_attributes::any;
};

/// In order. prefer-standby goes over the servers twice: for standbys, then for any.
std::vector<attempt> attempts(const connection_options& options);

/// How long all attempts together may take: `least`, or connect_timeout for each where that is
/// more, so that a connect_timeout which somebody asked for is never cut short.
std::chrono::steady_clock::duration limit_of_all(std::chrono::steady_clock::duration least,
                                                 std::size_t attempts,
                                                 std::chrono::seconds connect_timeout);

/// How long one of several may take, so that one that does not answer leaves time for those after
/// it: an equal share of what is left.
std::chrono::steady_clock::duration share(std::chrono::steady_clock::duration left,
                                          std::size_t remaining);

/// The same for one address of a server, and no more than connect_timeout when that is not 0.
std::chrono::steady_clock::duration share_of_address(std::chrono::steady_clock::duration left,
                                                     std::size_t remaining,
                                                     std::chrono::seconds connect_timeout);

/// Whether the next server may do better. As libpq: not when this one refused us, because a wrong
/// password would then be tried everywhere.
bool try_next(const error& failure);

/// One error for one server: each address in its own words, the category of the last. The `server`
/// of each is its address, or empty where there was none yet; that of the result names both.
error combined(const server_address& server, const std::vector<error>& failures);

/// One error for several servers: each in its own words, the category of the last.
error combined(const std::vector<error>& failures);

}  // namespace ingestor::pg::fsm
