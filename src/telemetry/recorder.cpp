#include "telemetry/recorder.hpp"

#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace ingestor::telemetry {

void recorder::count_dropped_lines() {
  // A counter takes no value: it grows by what it lacks.
  const auto dropped = static_cast<double>(lines_.dropped());
  numbers_.log_lines_dropped.Increment(dropped - numbers_.log_lines_dropped.Value());
}

}  // namespace ingestor::telemetry
