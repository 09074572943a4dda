// The configuration of this process, and how its mistakes are told.
#pragma once

#include "config/load.hpp"
#include "config/settings.hpp"

#include <optional>
#include <string_view>

namespace ingestor::app {

/// Nothing when it is wrong; every mistake has then been listed on stderr, a line each.
std::optional<config::settings> load_settings(
    config::needs what, const config::environment& from = config::process_environment());

/// One line on stderr: `ingestor: …`.
void complain(std::string_view what);

}  // namespace ingestor::app
