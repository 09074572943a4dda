// What `status` says, for stdout.
#pragma once

#include "telemetry/ledger_figures.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::telemetry {

/// Lines for people are broken before this; keys and single words are not.
inline constexpr std::size_t report_columns = 80;
/// Of one error in the text for people; the JSON has it whole.
inline constexpr std::size_t reported_error_bytes_max = 400;

/// For people, the last line ended. Safe for a terminal, whatever the ledger holds; `source` must
/// be so already.
std::string status_text(const ledger_figures& seen, std::string_view source);

/// One JSON object and a line's end. Times are RFC 3339 in UTC, null where there is none. Ages in
/// seconds. Texts are whole.
std::string status_json(const ledger_figures& seen);

}  // namespace ingestor::telemetry
