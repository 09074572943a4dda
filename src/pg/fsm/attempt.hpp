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

/// How long one attempt may take, so that a server that does not answer leaves time for those after
/// it: an equal share of what is left, no more than connect_timeout when that is not 0.
std::chrono::steady_clock::duration share(std::chrono::steady_clock::duration left,
                                          std::size_t attempts_left,
                                          std::chrono::seconds connect_timeout);

/// Whether the next server may do better. As libpq: not when this one refused us, because a wrong
/// password would then be tried everywhere.
bool try_next(const error& failure);

/// One error for several servers: each in its own words, the category of the last.
error combined(const std::vector<error>& failures);

}  // namespace ingestor::pg::fsm
