// How far `once` is: as a bar for a terminal, and as fields for a log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ingestor::telemetry {

struct progress {
  /// Completed or failed.
  std::uint64_t files_done = 0;
  std::uint64_t files_failed = 0;
  /// Known once the listing is over; 0 before.
  std::uint64_t files_total = 0;
  std::uint64_t objects_listed = 0;
  std::uint64_t rows = 0;
  /// Compressed, as listed; a file counts when it is done, and before as far as it was read.
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
  /// Since the first file was claimed.
  double seconds = 0;
};

/// From 0 to 1, by bytes, or by files where no bytes are known.
double share_done(const progress& now);

/// In seconds, if it goes on as it went; nullopt while that is a guess.
std::optional<double> time_left(const progress& now);

/// At most `columns` wide, all ASCII, without a line end. What has no room is left out, first the
/// bar, then figures from the right.
std::string progress_bar(const progress& now, std::size_t columns);

}  // namespace ingestor::telemetry
