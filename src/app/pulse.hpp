// The pulse of this process: how late its event loop is, how fast it works, its last hour.
#pragma once

#include "app/assembly.hpp"
#include "telemetry/history.hpp"
#include "telemetry/recent.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace ingestor::app {

class pulse {
 public:
  /// `parts` outlives it.
  explicit pulse(assembly& parts) : parts_{parts} {}

  /// Until cancelled.
  boost::asio::awaitable<void> beat();

  /// Files that wait, as the ledger last said; nullopt: it cannot be read.
  void set_pending(std::optional<double> files) { pending_ = files; }

  /// Sent to the database, over the last ten seconds.
  double rows_per_second() const { return rows_.per_second(); }
  /// As stored.
  double bytes_per_second() const { return bytes_.per_second(); }
  /// In the last minute.
  double loop_lag_max_seconds() const;
  const telemetry::history& last_hour() const { return last_hour_; }

 private:
  using clock = std::chrono::steady_clock;

  struct mark {
    clock::time_point at;
    double rows = 0;
    double bytes = 0;
    double lag_sum = 0;
    double lag_count = 0;
  };

  void note_lag(clock::time_point due, clock::time_point now);
  void sample_rates(clock::time_point now);
  void sample_history(clock::time_point now);
  mark mark_at(clock::time_point now) const;

  assembly& parts_;
  telemetry::recent_rate rows_;
  telemetry::recent_rate bytes_;
  telemetry::recent_maximum lag_;
  telemetry::history last_hour_;
  mark last_;
  std::optional<double> pending_;
};

}  // namespace ingestor::app
