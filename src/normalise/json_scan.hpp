// The inner loop of the parser: how far a string goes on without anything special.
#pragma once

#include <cstddef>

namespace ingestor::normalise {

/// How many bytes from `begin` on are neither a quote, nor a backslash, nor a control character.
/// The text is valid UTF-8, so bytes of longer sequences need no look.
std::size_t plain_length(const char* begin, const char* end);

}  // namespace ingestor::normalise
