// The page for people: one HTML document that needs nothing from elsewhere. Its parts are in page/.
#pragma once

#include "telemetry/metrics.hpp"
#include "telemetry/snapshot.hpp"

#include <string>
#include <utility>
#include <vector>

namespace ingestor::telemetry {

/// In seconds, where a browser runs no script; the page's own one asks more often, and changes the
/// page in place.
inline constexpr int page_reload_interval = 10;

/// Everything that comes from outside is escaped and cut, and lists are, so that a page stays below
/// some 250 KB whatever the ledger holds.
std::string status_page(const snapshot& now, const totals& done);

/// HTTP headers that it is to be sent with.
const std::vector<std::pair<std::string, std::string>>& status_page_headers();

}  // namespace ingestor::telemetry
