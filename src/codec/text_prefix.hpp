// What the first bytes of an object say about the rest: text, or not.
#pragma once

#include "base/result.hpp"
#include "codec/error.hpp"

#include <cstddef>
#include <string_view>

namespace ingestor::codec {

/// How much of the inflated stream the decision looks at, in bytes.
inline constexpr std::size_t text_prefix_bytes = 4096;

/// Looks at the beginning of the inflated stream: at least text_prefix_bytes of it, or all of it if
/// `whole`. Returns the length of its UTF-8 byte order mark (0 or 3), which belongs to no line.
///
/// A NUL or invalid UTF-8 makes it binary, unless one of its complete lines begins like a JSON
/// object: then a single line is bad, not the file. A UTF-16 or UTF-32 mark is unsupported.
result<std::size_t, error> check_text_prefix(std::string_view begin, bool whole);

}  // namespace ingestor::codec
