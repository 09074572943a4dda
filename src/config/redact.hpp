// What may be shown of a value that came from the environment.
#pragma once

#include "config/variables.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::config {

/// Of a value that is shown, so much and no more.
inline constexpr std::size_t shown_bytes_max = 200;

/// The value as its visibility allows, on one line, cut at shown_bytes_max.
std::string redact(std::string_view value, visibility seen);

/// A URL without passwords. Works on malformed ones too, where it hides too much rather than too
/// little: what stands between the user's name and the last `@`, the values of parameters that are
/// not known to be harmless, and all of a text that is not a URL.
std::string redact_url(std::string_view url);

}  // namespace ingestor::config
