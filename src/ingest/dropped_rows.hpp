// Rows that the database took without an error and did not keep.
#pragma once

#include "ingest/failure.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string_view>

namespace ingestor::ingest {

/// The file's failure, in words that name the triggers that may have done it, if there are any:
/// only a BEFORE trigger that answers NULL does so, for COPY knows no rules, and row level security
/// is an error. Asks in the transaction that the COPY was in, where they are still what they were
/// then.
boost::asio::awaitable<failure> dropped_rows(pg::connection& db, std::string_view table,
                                             std::uint64_t sent, std::uint64_t kept);

}  // namespace ingestor::ingest
