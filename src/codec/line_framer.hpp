// Cuts a stream of text, given in chunks, into lines.
//
// LF ends a line; a CR before it belongs to the end; a CR alone ends nothing. What follows the last
// LF is a line too, unless it is empty. Lines count from 1. Blank lines (spaces, tabs and CRs only)
// count, but are not returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ingestor::codec {

/// How much of a line that is too long is kept, in bytes.
inline constexpr std::size_t raw_bytes_max = std::size_t{64} * 1024;

struct line {
  std::uint64_t number;
  /// Where its first byte is in the inflated stream.
  std::uint64_t byte_offset;
  /// Without its end; when too_long, its first raw_bytes_max bytes.
  std::string_view text;
  bool too_long;
  /// Its whole length without its end.
  std::uint64_t bytes;
};

/// Holds no more than one unfinished line: at most line_bytes_max + 1 bytes, or raw_bytes_max if
/// that is more (while the buffer grows, its old half too). Memory is taken when a line crosses a
/// chunk and returned by reset() when one was unusually long.
class line_framer {
 public:
  /// A line of exactly `line_bytes_max` bytes without its end is not too long.
  explicit line_framer(std::size_t line_bytes_max);

  /// For the next stream, whose first byte that belongs to a line has this offset.
  void reset(std::uint64_t first_byte_offset = 0);

  /// To be called when next() has returned nothing. The chunk must stay valid until it does again.
  void feed(std::string_view chunk) { chunk_ = chunk; }

  /// The stream ends with what was fed.
  void finish() { finished_ = true; }

  /// The next line that is not blank; nothing when the chunk is used up. The line's text is valid
  /// until the next call.
  std::optional<line> next();

  /// Lines so far, blank ones included.
  std::uint64_t lines() const { return lines_; }

 private:
  std::optional<line> close(std::string_view rest, bool ended_by_lf);
  void keep(std::string_view part);
  void append(std::string_view part);
  void begin_line();

  std::size_t line_bytes_max_;
  std::string_view chunk_;
  bool finished_ = false;
  std::uint64_t lines_ = 0;
  std::uint64_t offset_ = 0;

  // The line that has begun in an earlier chunk.
  std::vector<char> carry_;
  std::uint64_t carried_bytes_ = 0;
  bool carried_blank_ = true;
  bool carried_cr_ = false;
  bool overflowed_ = false;
};

}  // namespace ingestor::codec
