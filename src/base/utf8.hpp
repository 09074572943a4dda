// UTF-8 as PostgreSQL takes it: RFC 3629, without the zero byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor {

/// The length in bytes of the longest prefix that is well-formed UTF-8 without NUL: `text.size()`
/// when all of it is. Overlong forms, surrogates and code points above U+10FFFF are malformed.
std::size_t storable_prefix(std::string_view text);

/// `text` with every malformed byte and NUL replaced by U+FFFD, cut before `bytes_max` on a
/// character's edge.
std::string storable_text(std::string_view text, std::size_t bytes_max);

}  // namespace ingestor
