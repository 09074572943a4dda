// The ledger as people are shown it: `status`, and the status page of `run`.
#pragma once

#include "ledger/scope.hpp"
#include "pg/connection.hpp"
#include "telemetry/ledger_figures.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ingestor::app {

/// Files by status, rows, ages: its cost grows with the ledger. Here and below `where` and what is
/// filled must outlive the operation; after an error it is as it was, or partly new.
boost::asio::awaitable<pg::result<void>> read_counts(pg::connection& db, const ledger::scope& where,
                                                     telemetry::ledger_figures& into);

/// The latest failures and rejects, and the replicas: by indexes, so it may be asked often.
boost::asio::awaitable<pg::result<void>> read_details(pg::connection& db,
                                                      const ledger::scope& where,
                                                      telemetry::ledger_figures& into);

/// Both.
boost::asio::awaitable<pg::result<telemetry::ledger_figures>> read_ledger_view(
    pg::connection& db, const ledger::scope& where);

/// `s3://bucket/prefix`, safe for a terminal.
std::string printable(const ledger::scope& where);

}  // namespace ingestor::app
