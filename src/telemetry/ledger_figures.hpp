// What the ledger says, as /metrics, the status page and `status` show it. The application reads it
// from the database, for a service at most every ten seconds, and hands it over.
#pragma once

#include "base/time.hpp"
#include "telemetry/replica_report.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::telemetry {

struct file_counts {
  std::uint64_t pending = 0;
  std::uint64_t processing = 0;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
};

struct failed_file {
  std::int64_t id = 0;
  std::string bucket;
  std::string key;
  std::string error;
  std::string stage;
  std::uint64_t attempts = 0;
  /// nullopt: none are left; only `ingestor retry` brings it back.
  std::optional<timestamp> next_attempt_at;
};

/// A completed file some lines of which could not be rows.
struct rejecting_file {
  std::int64_t id = 0;
  std::string bucket;
  std::string key;
  std::uint64_t lines_rejected = 0;
  timestamp completed_at;
  /// Of its first rejected lines, each reason once: a code, `: ` and the detail.
  std::vector<std::string> reasons;
};

/// A process that has said what it does, or that holds files; see ledger/presence.hpp.
struct active_replica {
  std::string name;
  std::uint64_t files = 0;
  /// The earliest of its files' leases.
  std::optional<timestamp> lease_expires_at;
  /// nullopt: it holds files, and has never told anything about itself.
  std::optional<replica_report> report = std::nullopt;
};

/// No more are shown; the ledger has them all.
inline constexpr std::size_t failures_shown_max = 20;
inline constexpr std::size_t rejecting_files_shown_max = 20;
inline constexpr std::size_t replicas_shown_max = 100;

struct ledger_figures {
  file_counts files;
  /// In seconds; nullopt: nothing is pending.
  std::optional<double> oldest_pending_age;
  std::uint64_t rows = 0;
  std::uint64_t lines_rejected = 0;
  /// Completed objects that have changed in the bucket since, and were left alone.
  std::uint64_t objects_changed = 0;
  /// The latest time that a loaded line has; as the logs say, so it may be in the future.
  std::optional<timestamp> newest_row_at;
  /// When a file was last completed.
  std::optional<timestamp> last_completed_at;
  /// The latest first.
  std::vector<failed_file> failures;
  /// Likewise.
  std::vector<rejecting_file> rejects;
  /// By name.
  std::vector<active_replica> replicas;
  /// On the database's clock.
  timestamp taken_at;
};

}  // namespace ingestor::telemetry
