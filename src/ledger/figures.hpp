// What the ledger says about the fleet, for the summary, the status page and the metrics.
#pragma once

#include "base/time.hpp"
#include "ledger/scope.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::ledger {

struct figures {
  std::int64_t pending = 0;
  std::int64_t processing = 0;
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  /// Of the failed ones, those that will be tried again by themselves.
  std::int64_t waiting = 0;
  std::int64_t rows = 0;
  std::int64_t lines_rejected = 0;
  /// Completed files whose object is another one by now, as the last listing showed.
  std::int64_t overwritten = 0;
  /// Seconds that the oldest pending file has waited: since it was discovered, or since it was last
  /// put back into the queue.
  std::optional<double> oldest_pending_age_seconds;
  /// The latest time of a row, as the logs say.
  std::optional<timestamp> newest_row_at;
  std::optional<timestamp> last_completed_at;
  /// When all this was so, on the database's clock.
  timestamp read_at;
};

struct latest_failure {
  std::int64_t id = 0;
  std::string key;
  std::string error;
  std::string stage;
  std::int32_t attempts = 0;
  std::optional<timestamp> next_attempt_at;
};

/// A completed file some lines of which could not be rows.
struct rejecting_file {
  std::int64_t id = 0;
  std::string key;
  std::int64_t lines_rejected = 0;
  timestamp completed_at;
  /// Of its first rejected lines, each once.
  std::vector<std::string> reasons;
};

/// Whether a file waits to be claimed; reads one row of an index.
boost::asio::awaitable<pg::result<bool>> anything_pending(pg::connection& db, const scope& where);

/// Whether a file waits to be claimed or is held by a replica; reads two rows of indexes at most.
boost::asio::awaitable<pg::result<bool>> anything_unfinished(pg::connection& db,
                                                             const scope& where);

/// Whether the database answers at all.
boost::asio::awaitable<pg::result<void>> probe(pg::connection& db,
                                               std::chrono::steady_clock::duration timeout);

/// What a process still has before it.
struct backlog {
  std::int64_t files = 0;
  /// As stored.
  std::int64_t bytes = 0;
};

/// Pending files and those that `session` is processing; its cost grows with their number.
boost::asio::awaitable<pg::result<backlog>> read_backlog(pg::connection& db, const scope& where,
                                                         std::int64_t session);

/// Reads the whole scope: its cost grows with the ledger.
boost::asio::awaitable<pg::result<figures>> read_figures(pg::connection& db, const scope& where);

/// The newest first.
boost::asio::awaitable<pg::result<std::vector<latest_failure>>> read_latest_failures(
    pg::connection& db, const scope& where, std::int64_t failures_max);

/// Likewise.
boost::asio::awaitable<pg::result<std::vector<rejecting_file>>> read_rejecting_files(
    pg::connection& db, const scope& where, std::int64_t files_max);

}  // namespace ingestor::ledger
