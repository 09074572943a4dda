// Why a line cannot be a row, and how it is kept in `rejected_line`.
#pragma once

#include "pg/wire/copy_binary.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ingestor::normalise {

enum class reject_code {
  not_json,
  not_an_object,
  invalid_utf8,
  too_long,
  too_deep,
  number_out_of_range,
  refused_by_database,
};

inline constexpr std::array reject_codes{
    reject_code::not_json,
    reject_code::not_an_object,
    reject_code::invalid_utf8,
    reject_code::too_long,
    reject_code::too_deep,
    reject_code::number_out_of_range,
    reject_code::refused_by_database,
};

/// The code as users see it, in `rejected_line.reason` and as the metric's label.
std::string_view name(reject_code code);

/// The longest detail that a reason carries, in bytes; it is cut at the end of a character. Enough
/// for the database to name a constraint and the values that it does not take.
inline constexpr std::size_t detail_bytes_max = 500;

struct rejection {
  reject_code code;
  /// What exactly, and where in the line; never quotes the line. Of refused_by_database: the
  /// server's words, as one line of UTF-8.
  std::string detail;

  /// "code: detail", as `rejected_line.reason` holds it.
  std::string reason() const;
};

/// For a line that the codec has reported as too_long.
rejection line_too_long(std::uint64_t line_bytes, std::uint64_t line_bytes_max);

/// The columns that encode_rejection() fills; `rejected_at` is left to its default.
inline constexpr std::array<std::string_view, 5> rejected_line_columns{
    "file_id", "line", "byte_offset", "reason", "raw"};

/// The most of a rejected line that is kept, in bytes.
inline constexpr std::size_t rejected_raw_bytes_max = std::size_t{64} * 1024;

/// Appends one row for `rejected_line`. `raw` is the line as it came, without its end.
void encode_rejection(std::int64_t file_id, std::uint64_t line_number, std::uint64_t byte_offset,
                      const rejection& why, std::string_view raw, pg::wire::copy_buffer& rejects);

}  // namespace ingestor::normalise
