// How the transaction of a load begins: the statements that travel with BEGIN.
#pragma once

#include "ledger/claim.hpp"
#include "pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace ingestor::ledger {

/// For every load. A server whose client has stopped, or is out of reach, ends the session about
/// when the lease runs out, unless it is in the middle of a COPY whose client is alive as far as
/// TCP can tell; that one end_silent_sessions() (queue.hpp) finds by the lock that it holds, whose
/// key is `session`.
std::vector<pg::statement> opening_statements(std::int64_t session,
                                              std::chrono::milliseconds lease);

/// For a file that has landed before: removes what its earlier version left.
std::vector<pg::statement> clearing_statements(const claimed_file& file);

}  // namespace ingestor::ledger
