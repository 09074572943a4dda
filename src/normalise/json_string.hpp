// Between a JSON string and the text it stands for. Source: RFC 8259, section 7.
#pragma once

#include <string>
#include <string_view>

namespace ingestor::normalise {

/// The text of a JSON string, given with its quotes. The string must be valid and repaired
/// (json_repair.hpp). The view is into `json` where it has no escape, else into `scratch`.
std::string_view text_of(std::string_view json, std::string& scratch);

/// Writes `text`, valid UTF-8 without NULs, to `out` as a JSON string.
void quote(std::string_view text, std::string& out);

}  // namespace ingestor::normalise
