// Creates and upgrades the schema, and tells whether it is there.
#pragma once

#include "ledger/migrations.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace ingestor::ledger {

/// The version of the schema this program works with.
std::int32_t schema_version_wanted();

/// The newest step applied to the connection's default schema; 0: none yet.
boost::asio::awaitable<pg::result<std::int32_t>> schema_version(pg::connection& db);

/// A step that begins, with the wait for its lock.
struct step_begun {
  /// Of the schema with it; 0 is what comes before the first.
  std::int32_t version = 0;
  std::string_view name;
  /// Of the server's process that runs it, behind a pooler too.
  std::int32_t backend_pid = 0;
};

using step_listener = std::function<void(const step_begun&)>;

/// Applies the steps that are missing, each in a transaction of its own under one advisory lock, so
/// that any number of replicas may start at once: one applies, the others wait and find it done.
/// Takes no lock and needs no right to create when nothing is missing. `begun` hears of each step.
/// Returns the versions that this call applied.
boost::asio::awaitable<pg::result<std::vector<std::int32_t>>> migrate(
    pg::connection& db, std::chrono::milliseconds chunk_interval, step_listener begun);

}  // namespace ingestor::ledger
