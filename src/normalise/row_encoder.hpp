// A record becomes a row of `log`: which name feeds which column, and what fits.
#pragma once

#include "base/time.hpp"
#include "normalise/column.hpp"
#include "normalise/record.hpp"
#include "pg/wire/copy_binary.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::normalise {

/// What a row counts for.
struct row_outcome {
  /// The row's `timestamp`.
  timestamp at{};
  /// By column: no name had a value that fits, though at least one had a value. `timestamp` counts
  /// wherever the line has no usable one.
  std::bitset<column_count> mismatches;
  /// The line had no usable timestamp; `at` is the object's last_modified.
  bool timestamp_missing = false;
  /// At least one string held what PostgreSQL cannot, and now holds U+FFFD instead.
  bool repaired = false;
};

/// What a row has beside its line.
struct row_origin {
  std::array<std::byte, 16> id;
  timestamp last_modified;
};

/// Appends one row. `raw_data` is the line that the record's views are into. `scratch` holds one
/// unescaped string at a time.
row_outcome encode_row(const record& values, std::string_view raw_data, const row_origin& origin,
                       std::string& scratch, pg::wire::copy_buffer& rows);

/// Appends the row of a line of text: its message, and that as a JSON string in `raw_data`.
row_outcome encode_text_row(std::string_view message, std::string_view raw_data,
                            const row_origin& origin, pg::wire::copy_buffer& rows);

}  // namespace ingestor::normalise
