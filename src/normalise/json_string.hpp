// Between a JSON string and the text it stands for. Source: RFC 8259, section 7.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::normalise {

/// The text of a JSON string, given with its quotes. The string must be valid and repaired
/// (json_repair.hpp). The view is into `json` where it has no escape, else into `scratch`.
std::string_view text_of(std::string_view json, std::string& scratch);

/// How long quote() makes `text`: two bytes more where nothing is escaped, six times as long and
/// two bytes more at worst.
std::size_t quoted_bytes(std::string_view text);

/// Writes `text`, valid UTF-8 without NULs, to `out` as a JSON string. Takes no more memory than
/// that needs.
void quote(std::string_view text, std::string& out);

}  // namespace ingestor::normalise
