// The binary COPY format: a header, rows of length-prefixed fields, a trailer.
// Source: PostgreSQL documentation, "COPY", section "Binary Format"; all integers big-endian.
//
// copy_buffer is the staging area between the encoder and the wire. It holds whole rows only: a
// row is opened with begin_row(), gets exactly that many fields, and can be taken back as a whole
// with rollback_row() until the next begin_row(). What it holds is what CopyData carries.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ingestor::pg::wire {

/// The largest field that COPY BINARY can carry, in bytes: its length is a signed 32-bit integer,
/// and the server refuses anything near 1 GiB, so the limit stays well below.
inline constexpr std::size_t copy_field_bytes_max = 512U * 1024 * 1024;

/// What a stream begins with: the signature "PGCOPY\n\377\r\n\0", a flags field of 0 and a header
/// extension of length 0.
inline constexpr std::string_view copy_header{"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19};

class copy_buffer {
 public:
  /// Begins with the format's header already written; `capacity_bytes` is reserved, not enforced:
  /// the owner looks at size() between rows and decides when it is full.
  explicit copy_buffer(std::size_t capacity_bytes = 0);

  void begin_row(std::int16_t fields);
  void null();
  void boolean(bool value);
  void int2(std::int16_t value);
  void int4(std::int32_t value);
  void int8(std::int64_t value);
  void float8(double value);
  void text(std::string_view value);
  void bytea(const_bytes value);
  /// jsonb's binary form is a version byte (1) and the JSON text.
  void jsonb(std::string_view json);
  void uuid(std::span<const std::byte, 16> value);
  /// int64 microseconds since 2000-01-01 UTC.
  void timestamptz(timestamp value);

  /// Removes the row that begin_row() opened last.
  void rollback_row();

  /// Appends the rows of another buffer (not its header).
  void append_rows(const copy_buffer& other);

  /// Appends those of another buffer from `first` up to but not including `last`, counted from 0;
  /// `offsets` are its row_offsets().
  void append_rows(const copy_buffer& other, std::span<const std::size_t> offsets,
                   std::size_t first, std::size_t last);

  /// Where in bytes() each row begins, and where the last one ends: rows() + 1 offsets. Reads all
  /// of the rows, so ask once.
  std::vector<std::size_t> row_offsets() const;

  /// Writes the trailer (int16 -1): the buffer is now one whole COPY stream. Only clear() may
  /// follow.
  void finish();

  /// Back to a header and no rows; keeps the memory.
  void clear();

  /// Gives memory beyond `capacity_bytes` back, if there is any and the buffer is clear.
  void shrink_to(std::size_t capacity_bytes);

  std::uint64_t rows() const { return rows_; }
  /// Whether the trailer is there.
  bool finished() const { return finished_; }
  /// How many fields the first row has; nothing when there is none.
  std::optional<std::size_t> columns() const;
  std::size_t size() const { return bytes_.size(); }
  std::size_t capacity() const { return bytes_.capacity(); }
  const_bytes bytes() const { return bytes_; }

 private:
  void field(const_bytes value);
  template <class Integer>
  void big_endian(Integer value);

  std::vector<std::byte> bytes_;
  std::size_t row_start_ = 0;
  std::uint64_t rows_ = 0;
  bool finished_ = false;
};

}  // namespace ingestor::pg::wire
