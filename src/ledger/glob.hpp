// Patterns of keys, as people write them, made into what the database matches by.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::ledger {

/// Bytes of one pattern: a key of 1,024 with every character in it escaped. The server takes some
/// milliseconds for a key where all of it is wildcards, and grows slower with the square of it.
inline constexpr std::size_t glob_bytes_max = 2048;

/// What is wrong with a pattern, in words that follow its name: "it ends …".
struct glob_mistake {
  std::string text;
};

/// The PostgreSQL regular expression (an ARE, for `~` under the collation "C") that matches the
/// same keys as `glob`, each as a whole:
///
///   *       any characters, `/` and line breaks too, or none
///   ?       one character
///   [abc]   one of these; [a-z] one of a range, by code point; [!abc] none of these. A `]` in the
///           first place, and a `-` in the first or last, are themselves
///   \c      c itself, in a class too
///
/// Every other character is itself.
result<std::string, glob_mistake> regular_expression_of(std::string_view glob);

}  // namespace ingestor::ledger
