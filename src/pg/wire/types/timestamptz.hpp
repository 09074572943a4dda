// The binary form of timestamptz: int64 microseconds since 2000-01-01 UTC, whose extremes stand
// for infinity. Source: PostgreSQL's datatype/timestamp.h.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <limits>

namespace ingestor::pg::wire {

inline constexpr timestamp postgres_epoch{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};

/// timestamp::min() and max() are -infinity and infinity. What lies so far in the past that it has
/// no place in 64 bits becomes the earliest number that is not -infinity; the server refuses that
/// as out of range (22008) instead of taking it for another time.
constexpr std::int64_t to_postgres(timestamp time) {
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  if (time == timestamp::max()) return std::numeric_limits<std::int64_t>::max();
  if (time == timestamp::min()) return lowest;
  const auto since_1970 = time.time_since_epoch().count();
  const auto epoch = postgres_epoch.time_since_epoch().count();
  return since_1970 < lowest + 1 + epoch ? lowest + 1 : since_1970 - epoch;
}

constexpr timestamp from_postgres(std::int64_t microseconds) {
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  if (microseconds == std::numeric_limits<std::int64_t>::min()) return timestamp::min();
  const auto epoch = postgres_epoch.time_since_epoch().count();
  if (microseconds > highest - epoch) return timestamp::max();
  return timestamp{std::chrono::microseconds{microseconds + epoch}};
}

}  // namespace ingestor::pg::wire
