// How the service is at one moment: what the status page and the health endpoints are made of.
#pragma once

#include "base/time.hpp"
#include "telemetry/ledger_figures.hpp"

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
  std::string version;
  std::string replica;
  /// s3://bucket/prefix
  std::string source;
  /// Of this process.
  double uptime_seconds = 0;
  timestamp now;
  /// nullopt: it works.
  std::optional<ongoing_trouble> s3;
  std::optional<ongoing_trouble> database;
  /// nullopt until the ledger was read for the first time; the last figures while it cannot be.
  std::optional<ledger_figures> ledger;
};

}  // namespace ingestor::telemetry
