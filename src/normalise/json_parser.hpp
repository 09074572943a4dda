// One line of JSON, judged as PostgreSQL's jsonb would judge it and read into a record.
//
// The grammar is taoJSON's; actions and control are ours (json_events.hpp), because jsonb takes
// numbers that no double can hold, and because the columns need the text of a value, not its value.
#pragma once

#include "normalise/record.hpp"
#include "normalise/rejection.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace ingestor::normalise {

/// Limits within which jsonb decides what is JSON.
inline constexpr std::size_t depth_max = 512;
inline constexpr std::size_t number_characters_max = 1000;
inline constexpr int exponent_max = 1000;
/// jsonb's own limit for one string or container, in bytes.
inline constexpr std::size_t json_bytes_max = 268'435'455;
/// Values in one line. Somewhat above, the server's parser asks for more than 1 GiB in one piece,
/// which fails the statement instead of the row. A line of 16 MiB cannot hold more.
inline constexpr std::size_t values_max = std::size_t{1} << 23;

/// Reads one line of valid UTF-8 without NULs, repaired (json_repair.hpp). Blanks around it are
/// JSON's own. Returns why jsonb would refuse it, or that it is not an object; otherwise `into`
/// holds views into `line`.
std::optional<rejection> parse_line(std::string_view line, record_reader& into);

}  // namespace ingestor::normalise
