// What `once` did, for stdout.
#pragma once

#include <cstdint>
#include <string>

namespace ingestor::telemetry {

struct summary {
  std::uint64_t files_completed = 0;
  std::uint64_t files_failed = 0;
  /// Failed before, and not yet due again: not waited for.
  std::uint64_t files_waiting = 0;
  /// Failed, with no attempt left.
  std::uint64_t files_given_up = 0;
  /// Completed, and another object by now: left as they are.
  std::uint64_t files_overwritten = 0;
  /// In the hands of other replicas: not waited for.
  std::uint64_t files_held_elsewhere = 0;
  /// Committed.
  std::uint64_t rows = 0;
  std::uint64_t lines_rejected = 0;
  std::uint64_t bytes_compressed = 0;
  std::uint64_t bytes_inflated = 0;
  double seconds = 0;
};

/// A few lines for people, the last one ended.
std::string summary_text(const summary& done);

/// `{"files":{"completed","failed"},"rows","lines_rejected","bytes_compressed","bytes_inflated",
/// "seconds"}` on one line, ended.
std::string summary_json(const summary& done);

}  // namespace ingestor::telemetry
