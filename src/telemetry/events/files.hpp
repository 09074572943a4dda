// What becomes of files, from the listing to the commit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ingestor::telemetry {

class log;
class metrics;

/// How often something with a name was seen: a column, a reason. The name is a code of ours, since
/// it becomes a metric's label.
struct named_count {
  std::string_view name;
  std::uint64_t count = 0;
};

struct discovery_finished {
  std::uint64_t objects_listed = 0;
  std::uint64_t files_queued = 0;
  /// Completed files whose object is another one now.
  std::uint64_t objects_changed = 0;
  double seconds = 0;

  void emit(log& to, metrics& numbers) const;
};

/// A listed object whose key no PostgreSQL text can hold; it is left out.
struct key_skipped {
  std::string_view key;

  void emit(log& to, metrics& numbers) const;
};

/// Files that are pending again, or that were given up.
struct files_requeued {
  /// Their backoff is over.
  std::uint64_t retried = 0;
  /// The replica that held them went silent.
  std::uint64_t expired = 0;
  /// The same, too often in a row: they have failed.
  std::uint64_t given_up = 0;

  void emit(log& to, metrics& numbers) const;
};

/// Sessions of replicas that went silent in the middle of a load were ended in the database.
struct sessions_ended {
  std::uint64_t sessions = 0;

  void emit(log& to, metrics& numbers) const;
};

/// One attempt to claim; `files` is 0 where nothing was claimable.
struct claimed {
  std::uint64_t files = 0;
  /// As listed, compressed.
  std::uint64_t bytes = 0;

  void emit(log& to, metrics& numbers) const;
};

/// One file of a claim.
struct file_claimed {
  std::int64_t id = 0;
  std::string_view key;
  /// As listed, compressed.
  std::int64_t bytes = 0;
  /// Used up before this one.
  int attempts = 0;

  void emit(log& to, metrics& numbers) const;
};

/// S3 is about to be asked for it.
struct file_opened {
  std::int64_t id = 0;
  std::string_view key;
  /// Once more, since the database has refused rows of it: line by line.
  bool with_care = false;

  void emit(log& to, metrics& numbers) const;
};

/// Committed.
struct file_completed {
  std::int64_t id = 0;
  std::string_view key;
  std::uint64_t rows = 0;
  std::uint64_t bytes_compressed = 0;
  std::uint64_t bytes_inflated = 0;
  double seconds = 0;
  /// From the object's last modification to the commit, in seconds.
  double commit_lag_seconds = 0;
  /// By reason.
  std::span<const named_count> lines_rejected;
  /// By column.
  std::span<const named_count> field_mismatches;
  /// Rows with the object's time.
  std::uint64_t timestamps_missing = 0;
  std::uint64_t strings_repaired = 0;

  void emit(log& to, metrics& numbers) const;
};

/// The failure is in the ledger.
struct file_failed {
  std::int64_t id = 0;
  std::string_view key;
  /// fetch, inflate, decode or write.
  std::string_view stage;
  std::string_view error;
  /// Attempts used up, this one included unless a bug of this program ended it.
  int attempt = 0;
  int attempts_max = 0;
  /// In seconds; nullopt: it stays failed until `ingestor retry`.
  std::optional<double> next_attempt_in;

  void emit(log& to, metrics& numbers) const;
};

/// Given back without an attempt lost: this replica stops, or S3 or the database is in trouble.
struct file_released {
  std::int64_t id = 0;
  std::string_view key;
  std::string_view reason;

  void emit(log& to, metrics& numbers) const;
};

/// Another replica may have the file by now; nothing of ours was committed.
struct lease_lost {
  std::int64_t id = 0;
  std::string_view key;

  void emit(log& to, metrics& numbers) const;
};

/// The leases of this replica were renewed.
struct heartbeat {
  std::uint64_t files = 0;
  double seconds = 0;

  void emit(log& to, metrics& numbers) const;
};

}  // namespace ingestor::telemetry
