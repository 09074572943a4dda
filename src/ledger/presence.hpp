// What each process says of itself, in a table that all others can read: `ingestor_replica`.
//
// For people only: no claim and no commit depends on it.
#pragma once

#include "base/time.hpp"
#include "ledger/scope.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::ledger {

struct fetcher_presence {
  std::string stage;
  std::string key;
  std::int64_t file_id = 0;
  std::int64_t files = 0;
  std::int64_t files_read = 0;
  std::int64_t bytes_total = 0;
  std::int64_t bytes_read = 0;
  std::int64_t rows = 0;
  double seconds = 0;
};

struct presence {
  /// That of its claims.
  std::int64_t session = 0;
  std::string name;
  std::string version;
  std::string state;
  double uptime_seconds = 0;
  std::int64_t files_completed = 0;
  std::int64_t files_failed = 0;
  std::int64_t rows = 0;
  std::int64_t lines_rejected = 0;
  std::int64_t bytes_compressed = 0;
  double rows_per_second = 0;
  double bytes_per_second = 0;
  std::vector<fetcher_presence> fetchers;
};

/// Writes what this process does, in place of what it said before, and removes what others left
/// behind that are gone for a day, or whose place a process of the same name has taken.
boost::asio::awaitable<pg::result<void>> report(pg::connection& db, const scope& where,
                                                const presence& self);

/// This process ends: nothing more is to be said of it.
boost::asio::awaitable<pg::result<void>> leave(pg::connection& db, std::int64_t session);

/// A process that reports, or that holds files without having reported.
struct replica {
  std::string name;
  /// That it holds.
  std::int64_t files = 0;
  /// The earliest of them.
  std::optional<timestamp> lease_expires_at;
  std::optional<presence> reported;
  /// Since it was; 0 without a report.
  double report_age_seconds = 0;
};

/// By name, at most `replicas_max`; those of this bucket whose prefix is above or below ours. Reads
/// no more of the ledger than what is being processed.
boost::asio::awaitable<pg::result<std::vector<replica>>> read_replicas(pg::connection& db,
                                                                       const scope& where,
                                                                       std::int64_t replicas_max);

}  // namespace ingestor::ledger
