// The parts of the page below its headline, each a <section> of HTML or nothing.
#pragma once

#include "telemetry/metrics.hpp"
#include "telemetry/snapshot.hpp"

#include <string>

namespace ingestor::telemetry::page {

/// Of these no more are shown, and how many there are beside them is said.
inline constexpr std::size_t fetchers_shown_max = 32;
inline constexpr std::size_t replica_rows_max = 60;
inline constexpr std::size_t reasons_shown_max = 4;
inline constexpr std::size_t fetcher_key_html_bytes_max = 400;

/// The headline, what needs a person, and as of when all this is.
std::string hero(const snapshot& now);
/// The figures of all replicas.
std::string tiles(const snapshot& now);
std::string last_hour(const snapshot& now);
std::string fetchers(const snapshot& now);
std::string failures(const snapshot& now);
std::string rejects(const snapshot& now, const totals& done);
std::string replicas(const snapshot& now);
/// The figures of this one.
std::string process(const snapshot& now, const totals& done);

}  // namespace ingestor::telemetry::page
