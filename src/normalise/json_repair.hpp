// Escapes that are JSON but that jsonb refuses: \u0000, and surrogates without their other half.
#pragma once

#include <string>
#include <string_view>

namespace ingestor::normalise {

/// Whether the line holds such an escape. If so, `scratch` gets a copy of the line with each of
/// them replaced by \ufffd, which is as long: positions stay what they were. Escapes that are
/// broken otherwise are left for the parser to refuse.
bool repair_escapes(std::string_view line, std::string& scratch);

}  // namespace ingestor::normalise
