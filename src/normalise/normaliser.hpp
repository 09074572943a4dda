// From one line of a log to one row of `log`, or to the reason why it cannot be one.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "normalise/record.hpp"
#include "normalise/rejection.hpp"
#include "normalise/row_encoder.hpp"
#include "pg/wire/copy_binary.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ingestor::normalise {

/// The file that lines come from.
struct source {
  /// The ledger's id; see line_id.hpp for its range.
  std::int64_t file_id;
  /// The listing's, for lines without a time of their own.
  timestamp last_modified;
};

/// What a line of text may take as a JSON string beyond twice its length, in bytes. Only control
/// characters (other than tabs and the like) make it longer, and memory must not depend on them.
inline constexpr std::size_t quoted_bytes_extra = std::size_t{64} * 1024;

/// Owns the scratch buffers that lines share: at most twice the length of the longest line, and
/// quoted_bytes_extra, while it is being encoded, and 256 KiB each between lines.
class normaliser {
 public:
  /// Appends exactly one row, or nothing on rejection. `line` is one line without its end.
  result<row_outcome, rejection> json_row(std::string_view line, std::uint64_t line_number,
                                          const source& from, pg::wire::copy_buffer& rows);

  /// The same for an object that is read as text: the line is the message, whatever it holds. A row
  /// is at most three times as long as its line, and quoted_bytes_extra: where the JSON string
  /// would be longer the line is too_long.
  result<row_outcome, rejection> text_row(std::string_view line, std::uint64_t line_number,
                                          const source& from, pg::wire::copy_buffer& rows);

 private:
  void give_back();

  record_reader reader_;
  std::string repaired_;
  std::string scratch_;
};

}  // namespace ingestor::normalise
