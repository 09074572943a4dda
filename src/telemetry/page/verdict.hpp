// The page's first answer: does it keep up?
#pragma once

#include "telemetry/snapshot.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::telemetry::page {

/// good, wait or bad: the page's classes.
struct verdict {
  std::string_view tone;
  /// A few words without figures: it is read out whenever it changes.
  std::string_view headline;
  /// A sentence or two, not HTML.
  std::string detail;
};

/// A file that waits no longer than this is no backlog.
inline constexpr double waiting_seconds_fine = 60;
/// The backlog's direction is that of this part of the history.
inline constexpr std::chrono::minutes trend_window{10};
/// A lag of the event loop from which on requests and heartbeats suffer.
inline constexpr double loop_lag_seconds_high = 0.25;
/// Figures of the ledger that are older are said to be old.
inline constexpr double ledger_age_seconds_fine = 30;

/// Files each second by which the backlog grows, or shrinks where negative. nullopt: too few
/// samples to tell.
std::optional<double> backlog_growth(const history& last_hour, timestamp now);

verdict judge(const snapshot& now);

/// Rows each second of all replicas that are alive; likewise their bytes, as stored.
struct speed {
  double rows_per_second = 0;
  double bytes_per_second = 0;
  std::size_t replicas = 0;
};

speed speed_of_all(const snapshot& now);

}  // namespace ingestor::telemetry::page
