// What a process says of itself: its fetchers, and how fast they are. It shows its own on the
// status page, and writes it into the ledger, where all others find it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::telemetry {

/// What a fetcher is doing, or waits for.
enum class fetcher_stage {
  /// Waits for files, or until trouble is over.
  idle,
  /// Waits for a connection to the database, or for its turn to claim.
  claim,
  /// Waits for S3: nothing is there to be written.
  fetch,
  /// Reads and writes at once.
  load,
  /// Waits for the database: nothing more can be read before it has taken what was.
  write,
  commit
};

/// idle, claim, fetch, load, write, commit.
std::string_view name_of(fetcher_stage stage);
/// The other way; idle for anything else.
fetcher_stage fetcher_stage_of(std::string_view name);

struct fetcher_report {
  fetcher_stage stage = fetcher_stage::idle;
  /// Of the file that is read, the first one where several are read at once; empty: none is.
  std::string key;
  std::int64_t file_id = 0;
  /// Of the claim.
  std::uint64_t files = 0;
  /// Read to their end.
  std::uint64_t files_read = 0;
  /// Of the claim, as stored.
  std::uint64_t bytes_total = 0;
  std::uint64_t bytes_read = 0;
  /// Sent to the database, and not committed yet.
  std::uint64_t rows = 0;
  /// Since it was claimed.
  double seconds = 0;
};

/// Fetchers beyond them are left out of a report.
inline constexpr std::size_t fetchers_reported_max = 64;

/// Of a process whose last report is older than this, nothing more is expected.
inline constexpr double report_age_max_seconds = 30;

struct replica_report {
  std::string version;
  /// starting, running or stopping.
  std::string state;
  double uptime_seconds = 0;
  /// Since the report was made; 0 for one's own.
  double age_seconds = 0;
  std::uint64_t files_completed = 0;
  std::uint64_t files_failed = 0;
  std::uint64_t rows = 0;
  std::uint64_t lines_rejected = 0;
  std::uint64_t bytes_compressed = 0;
  /// Over the last ten seconds or so, committed or not.
  double rows_per_second = 0;
  /// As stored.
  double bytes_per_second = 0;
  std::vector<fetcher_report> fetchers;

  /// It reports, or did so a moment ago.
  bool alive() const { return age_seconds <= report_age_max_seconds; }
};

}  // namespace ingestor::telemetry
