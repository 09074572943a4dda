// Rows in aligned columns, as many as there is room for.
#pragma once

#include "terminal/frame.hpp"
#include "terminal/text.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::top {

struct column {
  std::string_view name;
  terminal::align to = terminal::align::left;
  /// It is never narrower, so that it does not jump about with its figures.
  std::size_t columns_min = 0;
  /// Where not all have room, those with the highest number go first; 0: it stays.
  unsigned goes = 0;
  /// Its part of what is left over; 0: it is as wide as its widest cell. One that has a part may
  /// be cut down to `columns_min`.
  unsigned part = 0;
  terminal::cut where = terminal::cut::end;
  /// Sorted by `order`, the highest first; otherwise by what is written.
  bool by_figure = false;
};

struct cell {
  /// Safe; see terminal/text.hpp.
  std::string text;
  terminal::style as = terminal::style::plain;
  double order = 0;
};

struct row {
  std::vector<cell> cells;
  /// What a filter looks for, as it came from outside.
  std::string searched;
  /// The whole of it: names and texts, which are safe.
  std::vector<std::pair<std::string_view, std::string>> details;
};

struct table {
  std::span<const column> columns;
  std::vector<row> rows;
};

struct order {
  /// nullopt: as the rows came.
  std::optional<std::size_t> column;
  /// Against the column's own direction.
  bool reversed = false;
};

/// Numbers of those rows that hold `filter` (in any case of ASCII letters), in this order.
std::vector<std::size_t> arranged(const table& of, const order& by, std::string_view filter);

/// Where each column of a table goes.
struct layout {
  struct place {
    std::size_t column = 0;
    std::size_t columns = 0;
  };
  std::vector<place> places;
  /// Columns that had no room.
  std::size_t hidden = 0;
};

inline constexpr std::size_t column_gap = 2;

layout laid_out(const table& of, const order& by, std::size_t columns, const terminal::glyphs& how);

/// The names of the columns, with a mark at the one that they are sorted by.
terminal::line head_of(const table& of, const layout& in, const order& by,
                       const terminal::glyphs& how);
terminal::line line_of(const table& of, const row& one, const layout& in,
                       const terminal::glyphs& how);

}  // namespace ingestor::top
