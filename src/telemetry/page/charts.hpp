// The last hour as four small charts.
#pragma once

#include "telemetry/history.hpp"

#include <string>

namespace ingestor::telemetry::page {

/// HTML. Where there was no sample there is a gap. One path a chart, of a few bytes a sample.
std::string charts(const history& last_hour, timestamp now);

/// The least of 1, 2 and 5 times a power of ten that is not below `value`; 1 for what is not
/// positive or no number.
double round_top(double value);

}  // namespace ingestor::telemetry::page
