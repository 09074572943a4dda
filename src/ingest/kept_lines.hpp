// The lines that staged rows came from, for the case that the database refuses some of the rows.
#pragma once

#include "codec/line_framer.hpp"
#include "normalise/row_encoder.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ingestor::ingest {

/// What a row needs to become a rejected line instead.
struct kept_line {
  std::uint64_t number = 0;
  std::uint64_t byte_offset = 0;
  /// As it came, cut at normalise::rejected_raw_bytes_max.
  std::string_view raw;
  /// What the row counts for where it lands.
  normalise::row_outcome outcome;
};

class kept_lines {
 public:
  void add(const codec::line& line, const normalise::row_outcome& outcome);

  /// Valid until the next add() or clear().
  kept_line operator[](std::size_t row) const;

  std::size_t size() const { return entries_.size(); }
  /// In bytes, as are those below.
  std::size_t bytes() const { return entries_.size() * sizeof(entry) + raw_.size(); }
  std::size_t capacity() const { return entries_.capacity() * sizeof(entry) + raw_.capacity(); }

  /// Keeps the memory.
  void clear();

 private:
  struct entry {
    std::uint64_t number;
    std::uint64_t byte_offset;
    std::size_t raw_begin;
    std::size_t raw_bytes;
    normalise::row_outcome outcome;
  };

  std::vector<entry> entries_;
  /// All of them, one behind the other.
  std::vector<char> raw_;
};

}  // namespace ingestor::ingest
