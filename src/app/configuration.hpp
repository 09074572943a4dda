// The configuration of this process, and how its mistakes are told.
#pragma once

#include "config/load.hpp"
#include "config/settings.hpp"
#include "telemetry/log.hpp"

#include <optional>
#include <string_view>

namespace ingestor::app {

/// Nothing when it is wrong; every mistake has then been listed on stderr, a line each.
std::optional<config::settings> load_settings(
    config::needs what, const config::environment& from = config::process_environment());

/// How this process logs.
telemetry::log_options log_options_of(const config::settings& settings);

/// One line on stderr: `ingestor: …`. What would break the line or steer a terminal is escaped.
void complain(std::string_view what);

/// On stdout; false when it cannot be written there, which has then been told.
bool print(std::string_view text);

}  // namespace ingestor::app
