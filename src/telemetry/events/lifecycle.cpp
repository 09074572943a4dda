#include "telemetry/events/lifecycle.hpp"

#include "telemetry/log.hpp"

namespace ingestor::telemetry {

void started::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "started",
           {{"command", command}, {"version", version}, {"replica", replica}});
}

void listening::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "listening", {{"address", address}});
}

void schema_migrated::emit(log& to, metrics& /*numbers*/) const {
  const auto level = applied == 0 ? log_level::debug : log_level::info;
  to.write(level, applied == 0 ? "schema is up to date" : "schema migrated",
           {{"applied", applied}, {"version", version}, {"seconds", seconds}});
}

void stopping::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "stopping", {{"reason", reason}, {"grace_seconds", grace_seconds}});
}

void stopped::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "stopped",
           {{"exit_code", std::int64_t{exit_code}}, {"seconds", seconds}});
}

}  // namespace ingestor::telemetry
