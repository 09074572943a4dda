// What the ledger says, as /metrics, the status page and `status` show it. The application reads it
// from the database, for a service at most every ten seconds, and hands it over.
#pragma once

#include "base/time.hpp"

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
  std::string bucket;
  std::string key;
  std::string error;
  std::string stage;
  std::uint64_t attempts = 0;
  /// nullopt: none are left; only `ingestor retry` brings it back.
  std::optional<timestamp> next_attempt_at;
};

struct active_replica {
  std::string name;
  std::uint64_t files = 0;
  /// The earliest of its files' leases.
  std::optional<timestamp> lease_expires_at;
};

/// No more are shown; the ledger has them all.
inline constexpr std::size_t failures_shown_max = 20;
inline constexpr std::size_t replicas_shown_max = 100;

struct ledger_figures {
  file_counts files;
  /// In seconds; nullopt: nothing is pending.
  std::optional<double> oldest_pending_age;
  std::uint64_t rows = 0;
  std::uint64_t lines_rejected = 0;
  /// Completed objects that have changed in the bucket since, and were left alone.
  std::uint64_t objects_changed = 0;
  /// The latest first.
  std::vector<failed_file> failures;
  std::vector<active_replica> replicas;
  timestamp taken_at;
};

}  // namespace ingestor::telemetry
