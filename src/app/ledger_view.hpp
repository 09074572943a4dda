// The ledger as people are shown it: `status`, and the status page of `run`.
#pragma once

#include "ledger/scope.hpp"
#include "pg/connection.hpp"
#include "telemetry/ledger_figures.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ingestor::app {

/// Its cost grows with the ledger. `where` must outlive the operation.
boost::asio::awaitable<pg::result<telemetry::ledger_figures>> read_ledger_view(
    pg::connection& db, const ledger::scope& where);

/// `s3://bucket/prefix`, safe for a terminal.
std::string printable(const ledger::scope& where);

}  // namespace ingestor::app
