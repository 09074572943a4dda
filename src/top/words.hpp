// Figures as words, as short as a table wants them.
#pragma once

#include "telemetry/ledger_figures.hpp"
#include "telemetry/page/verdict.hpp"
#include "terminal/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ingestor::top {

/// 1,234
std::string count_text(double value);
/// Without the unit: 12.3
std::string mebibytes_text(double bytes);
/// `3 files`, `1 file`.
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);
/// `3s ago`, or `in 3s` for what is still to come.
std::string distance_text(timestamp at, timestamp now);

struct fleet {
  std::size_t alive = 0;
  std::size_t dead = 0;
  /// Fetchers that have work, and those that have none.
  std::size_t busy = 0;
  std::size_t idle = 0;
  double rows_per_second = 0;
  double bytes_per_second = 0;
};

/// Of the replicas that are alive.
fleet fleet_of(const telemetry::ledger_figures& figures, timestamp now);

/// Whether this one is gone: its last report is old, or its lease is over without any report.
bool is_dead(const telemetry::active_replica& one, timestamp now);

struct verdict {
  std::string_view words;
  terminal::style as = terminal::style::plain;
};

/// A file that waits for longer means that the fleet is behind; as on the status page.
inline constexpr double pending_age_max_seconds = telemetry::page::waiting_seconds_fine;

/// Whether the fleet keeps up.
verdict verdict_on(const telemetry::ledger_figures& figures, timestamp now);

}  // namespace ingestor::top
