// What this process has done so far.
#pragma once

#include <cstdint>

namespace ingestor::ingest {

struct tally {
  std::uint64_t objects_listed = 0;
  /// New in the ledger, changed, or back from a failure.
  std::uint64_t files_queued = 0;
  std::uint64_t files_completed = 0;
  std::uint64_t files_failed = 0;
  /// Committed.
  std::uint64_t rows = 0;
  std::uint64_t lines_rejected = 0;
  std::uint64_t bytes_compressed = 0;
  std::uint64_t bytes_inflated = 0;
  /// Sent, committed or not: what moves while a large file is loaded.
  std::uint64_t rows_copied = 0;
};

}  // namespace ingestor::ingest
