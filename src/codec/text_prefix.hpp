// What the first bytes of an object say about the rest: text, or not.
#pragma once

#include "base/result.hpp"
#include "codec/error.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace ingestor::codec {

/// How much of the inflated stream the decision looks at, in bytes.
inline constexpr std::size_t text_prefix_bytes = 4096;

struct text_prefix {
  /// The length of the UTF-8 byte order mark (0 or 3), which belongs to no line.
  std::size_t mark_bytes = 0;
  /// Of kind `binary`, where the prefix holds a NUL or invalid UTF-8. JSON lines may hold bad lines
  /// all the same: whoever reads the lines decides whether the object is bad with them.
  std::optional<error> not_text;
};

/// Looks at the beginning of the inflated stream: at least text_prefix_bytes of it, or all of it if
/// `whole`. A UTF-16 mark is an error of kind `unsupported`; UTF-32 in little-endian order begins
/// with one too, in big-endian order it is not text.
result<text_prefix, error> check_text_prefix(std::string_view begin, bool whole);

}  // namespace ingestor::codec
