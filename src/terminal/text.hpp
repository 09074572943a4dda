// Text from outside made safe for a terminal, and fitted into columns.
//
// What a character may do to a line is decided here, so that no key and no error can: controls,
// what nothing is seen of, and marks that turn the order around are written out; a terminal that
// turns right-to-left text around does so within that text alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::terminal {

/// How a terminal writes.
struct glyphs {
  /// UTF-8; otherwise ASCII alone, `?` for what is none.
  bool unicode = false;
  /// The columns that a character takes: 0–2, or negative where it cannot be shown; as wcwidth(3).
  int (*columns_of)(char32_t) = nullptr;

  std::string_view ellipsis() const { return unicode ? "…" : "~"; }
  std::string_view rule() const { return unicode ? "─" : "-"; }
  std::string_view up() const { return unicode ? "▲" : "^"; }
  std::string_view down() const { return unicode ? "▼" : "v"; }
  std::string_view dot() const { return unicode ? " · " : ", "; }
  std::string_view bar_full() const { return unicode ? "█" : "#"; }
  std::string_view bar_empty() const { return unicode ? "░" : "."; }
};

/// Of one text; the rest of it is left out.
inline constexpr std::size_t shown_bytes_max = 4096;
/// Above one letter; there is text that has hundreds.
inline constexpr int marks_max = 2;

/// One line that is safe: `\n`, `\u001b`, `\U000e0041` for what could steer the terminal or be
/// invisible; U+FFFD for what is not UTF-8. The functions below expect such text.
std::string shown(std::string_view text, const glyphs& how);

std::size_t columns_of(std::string_view safe, const glyphs& how);

/// Which end goes where there is no room for both.
enum class cut { end, start };

/// At most `columns` wide. Where something is missing there is an ellipsis.
std::string fitted(std::string_view safe, std::size_t columns, const glyphs& how,
                   cut where = cut::end);

enum class align { left, right };

/// Exactly `columns` wide.
std::string padded(std::string_view safe, std::size_t columns, const glyphs& how,
                   align to = align::left, cut where = cut::end);

/// The text in lines of at most `columns`, broken at spaces where there are any. No more than
/// `lines_max`; the last one then ends in an ellipsis.
std::vector<std::string> wrapped(std::string_view safe, std::size_t columns, std::size_t lines_max,
                                 const glyphs& how);

/// A share from 0 to 1 as a bar of so many columns.
std::string bar(double share, std::size_t columns, const glyphs& how);

}  // namespace ingestor::terminal
