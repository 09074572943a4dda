// The page for people: one HTML document without scripts, that reloads itself.
#pragma once

#include "telemetry/metrics.hpp"
#include "telemetry/snapshot.hpp"

#include <string>

namespace ingestor::telemetry {

/// In seconds; the ledger's figures are up to ten seconds old anyway.
inline constexpr int page_reload_interval = 10;

/// Everything that comes from outside is escaped; lists are cut at failures_shown_max and
/// replicas_shown_max.
std::string status_page(const snapshot& now, const totals& done);

}  // namespace ingestor::telemetry
