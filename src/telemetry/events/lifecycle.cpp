#include "telemetry/events/lifecycle.hpp"

#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace ingestor::telemetry {
namespace {

/// Leases and deadlines bear this much.
constexpr double late_seconds_told = 1;

}  // namespace

void started::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "started",
           {{"command", command}, {"version", version}, {"as", replica}});
}

void listening::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "listening", {{"address", address}});
}

void schema_migrated::emit(log& to, metrics& /*numbers*/) const {
  const auto level = applied == 0 ? log_level::debug : log_level::info;
  to.write(level, applied == 0 ? "schema is up to date" : "schema migrated",
           {{"applied", applied}, {"version", version}, {"seconds", seconds}});
}

void loop_turned::emit(log& to, metrics& numbers) const {
  numbers.loop_lag.Observe(late_seconds);
  if (late_seconds < late_seconds_told) return;
  to.write(log_level::warn, "the event loop was late", {{"seconds", late_seconds}});
}

void stopping::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "stopping", {{"reason", reason}, {"grace_seconds", grace_seconds}});
}

void stopped::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "stopped",
           {{"exit_code", std::int64_t{exit_code}}, {"seconds", seconds}});
}

}  // namespace ingestor::telemetry
