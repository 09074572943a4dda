// Figures for people.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <string>

namespace ingestor::telemetry {

/// 1,234,567
std::string with_separators(std::uint64_t value);

/// 12.3 MiB, with separators from 1,000 MiB.
std::string mebibytes(std::uint64_t bytes);

/// A measured time: 0.42 s, 12.3 s, 4,711 s.
std::string seconds_text(double seconds);

/// A span that need not be exact: 12s, 1m 20s, 2h 05m, 3d 04h.
std::string span_text(double seconds);

/// 2026-01-01 12:00:00 UTC
std::string time_text(timestamp at);

/// Events in each second; 0 where no time has passed.
double per_second(std::uint64_t events, double seconds);

}  // namespace ingestor::telemetry
