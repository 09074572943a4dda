// Encoded rows and rejected lines on their way to one COPY each; with care, the rows' lines too.
#pragma once

#include "ingest/bounds.hpp"
#include "ingest/care.hpp"
#include "ingest/kept_lines.hpp"
#include "pg/wire/copy_binary.hpp"

namespace ingestor::ingest {

struct staging {
  // A quarter more than full, so that the last row before full seldom makes the buffer grow.
  static constexpr std::size_t rows_capacity = rows_bytes_full + rows_bytes_full / 4;
  static constexpr std::size_t rejects_capacity = rejects_bytes_full + rejects_bytes_full / 4;

  pg::wire::copy_buffer rows{rows_capacity};
  pg::wire::copy_buffer rejects{rejects_capacity};
  /// One for each of the rows with care::each_row, else none.
  kept_lines lines;
  care how = care::none;

  bool empty() const { return rows.rows() == 0 && rejects.rows() == 0; }
  bool full() const {
    return rows.size() + lines.bytes() >= rows_bytes_full || rejects.size() >= rejects_bytes_full;
  }

  /// In bytes.
  std::size_t capacity() const { return rows.capacity() + rejects.capacity() + lines.capacity(); }

  void append(const staging& other) {
    rows.append_rows(other.rows);
    rejects.append_rows(other.rejects);
  }

  /// Empties it for a load that is done so.
  void begin(care wanted) {
    clear();
    how = wanted;
    if (how == care::none) lines = {};
  }

  /// Empties it, and gives back what a giant row made it grow by.
  void clear() {
    rows.clear();
    rows.shrink_to(rows_capacity);
    rejects.clear();
    rejects.shrink_to(rejects_capacity);
    lines.clear();
  }
};

}  // namespace ingestor::ingest
