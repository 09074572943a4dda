// What a migration does and what it waits for, as seen from another session.
#pragma once

#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::ledger {

/// Of those that hold the lock that is waited for, so many are named.
inline constexpr std::int64_t lock_holders_max = 3;

struct lock_holder {
  /// Of the server's process; 0 is a prepared transaction.
  std::int32_t pid = 0;
  /// Empty where it has none, or where this role may not see it.
  std::string application;
};

struct index_build {
  std::string table;
  /// In PostgreSQL's words.
  std::string phase;
  /// Of the phase, in its own unit; a total of 0 is unknown.
  std::int64_t done = 0;
  std::int64_t total = 0;
};

struct migration_sight {
  bool waits_for_lock = false;
  /// The lock is the one that lets one replica migrate at a time.
  bool for_another_migration = false;
  /// Whose lock it is, where it is a table's.
  std::string table;
  std::vector<lock_holder> holders;
  std::int64_t holders_in_all = 0;
  std::optional<index_build> index;
};

/// About the server's process that runs the migration; one that is not there does nothing and waits
/// for nothing. `db` is another connection to the same database, by the same role.
boost::asio::awaitable<pg::result<migration_sight>> look_at_migration(
    pg::connection& db, std::int32_t backend_pid, std::chrono::steady_clock::duration timeout);

}  // namespace ingestor::ledger
