// What is served over HTTP: /metrics, /healthz, /readyz and the status page. Nothing here changes
// any state.
#pragma once

#include "http/server.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/snapshot.hpp"

namespace ingestor::telemetry {

/// GET and HEAD only (405); a query is ignored; unknown paths are 404. /healthz is 200 for as long
/// as the loop turns; /readyz is 503, with the reasons, while S3 or the database is unusable, and
/// before and after the service runs.
http::response route(const http::request& asked, const snapshot& now, metrics& numbers);

}  // namespace ingestor::telemetry
