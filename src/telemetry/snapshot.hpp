// How the service is at one moment: what the status page and the health endpoints are made of.
#pragma once

#include "base/time.hpp"
#include "telemetry/history.hpp"
#include "telemetry/ledger_figures.hpp"
#include "telemetry/replica_report.hpp"

#include <optional>
#include <string>

namespace ingestor::telemetry {

enum class run_state { starting, running, stopping };

struct ongoing_trouble {
  std::string error;
  /// Since it began.
  double seconds = 0;
};

struct snapshot {
  run_state state = run_state::starting;
  std::string replica;
  /// s3://bucket/prefix
  std::string source;
  timestamp now;
  /// Of this process.
  replica_report own;
  /// The longest that the event loop was late in the last minute.
  double loop_lag_max_seconds = 0;
  /// nullopt: it works.
  std::optional<ongoing_trouble> s3;
  std::optional<ongoing_trouble> database;
  /// Null until the ledger was read for the first time; the last figures while it cannot be. These
  /// two live as long as the service does.
  const ledger_figures* ledger = nullptr;
  const history* last_hour = nullptr;
};

}  // namespace ingestor::telemetry
