// Points in time as logs write them. Exact arithmetic on the decimal text: microseconds are kept,
// further digits are cut. What PostgreSQL's timestamptz cannot hold is no time here.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ingestor::normalise {

/// A point in time as timestamptz holds it: microseconds since 2000-01-01 UTC. (`timestamp`, which
/// counts from 1970, ends thirty years before timestamptz does.)
struct database_time {
  std::int64_t microseconds;

  /// The same point, or the last one that `timestamp` has.
  timestamp as_timestamp() const;
};

/// Milliseconds since 1970 as a valid JSON number, in any notation: 1795446492029, 1.5e12, 0.001.
std::optional<database_time> time_from_milliseconds(std::string_view number);

/// A date-time of RFC 3339, section 5.6: with an offset or Z, letters in either case, a space for
/// the T, any number of fraction digits. Second 60 is the first of the next minute, as PostgreSQL
/// has it.
std::optional<database_time> time_from_rfc3339(std::string_view text);

}  // namespace ingestor::normalise
