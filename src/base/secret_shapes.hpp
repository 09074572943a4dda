// How a text may be written by others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ingestor {

/// `text` itself, percent-encoded, in base64 whatever stands before it there, in hexadecimal
/// digits, and as JSON, XML and HTML write it; each once. May hold shapes that are shorter than
/// `text`, for base64 shares characters with its neighbours.
std::vector<std::string> shapes_of(std::string_view text);

}  // namespace ingestor
