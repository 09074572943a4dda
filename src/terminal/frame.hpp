// What a terminal is to show, as a value.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ingestor::terminal {

/// What a text means; the screen knows how that looks with colours, and how without.
enum class style { plain, faint, strong, accent, good, warning, bad };

struct span {
  /// Safe; see text.hpp.
  std::string text;
  style as = style::plain;
};

struct line {
  std::vector<span> spans;
  /// Light and dark changed, from edge to edge: a bar, or the line that is chosen.
  bool reversed = false;
};

struct size {
  std::size_t columns = 0;
  std::size_t rows = 0;
};

/// No more lines than the size has rows, each of no more columns.
using frame = std::vector<line>;

}  // namespace ingestor::terminal
