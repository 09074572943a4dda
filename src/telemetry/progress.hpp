// How far a work on many files is: `once`, and `inspect` of many objects.
#pragma once

#include "telemetry/progress_pace.hpp"

#include <cstddef>
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
  /// What all of it waits for, such as "the database"; empty: nothing.
  std::string waits_for = {};
};

/// From 0 to 1, by bytes, or by files where no bytes are known. Below 1 until every file is done.
double share_done(const progress& now);

/// At most `columns` wide, all ASCII, without a line end. What has no room is left out: the bar,
/// then figures from the right.
std::string progress_bar(const progress& now, const pace& at, std::size_t columns);

/// `[===>  ]` of that width, which is at least 3; a share from 0 to 1.
std::string bar_of(double share, std::size_t columns);

/// How wide a bar is on a line of `columns`; 0: there is no room for one.
std::size_t bar_columns(std::size_t columns);

}  // namespace ingestor::telemetry
