// What this process has done so far.
#pragma once

#include <cstdint>

namespace ingestor::ingest {

struct tally {
  /// Of the listing under way, or the last one.
  std::uint64_t objects_listed = 0;
  /// Completed files whose object is another one now, as the last whole listing showed.
  std::uint64_t objects_changed = 0;
  /// Files and their stored bytes that were waiting when the listing had been read to its end, and
  /// what was done until then; 0 before.
  std::uint64_t files_total = 0;
  std::uint64_t bytes_total = 0;
  std::uint64_t files_completed = 0;
  std::uint64_t files_failed = 0;
  /// Committed.
  std::uint64_t rows = 0;
  std::uint64_t lines_rejected = 0;
  std::uint64_t bytes_compressed = 0;
  std::uint64_t bytes_inflated = 0;
  /// Stored bytes of the files that completed or failed.
  std::uint64_t bytes_done = 0;
  /// Read and sent, committed or not: what moves while a large file is loaded.
  std::uint64_t bytes_read = 0;
  std::uint64_t rows_copied = 0;
};

}  // namespace ingestor::ingest
