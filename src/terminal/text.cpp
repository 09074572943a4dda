#include "terminal/text.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ingestor::terminal {
namespace {

struct range {
  char32_t first;
  char32_t last;
};

bool any_has(const auto& ranges, char32_t c) {
  return std::ranges::any_of(ranges,
                             [c](const range& one) { return c >= one.first && c <= one.last; });
}

// Unicode 15, DerivedCoreProperties: Default_Ignorable_Code_Point. Among them are the marks that
// set a direction, joiners, variation selectors, tags: nothing is seen of them, and terminals
// disagree on what they do to their neighbours' width. Behind them what else is left to each
// terminal: line separators, interlinear marks, and skin tones, which some draw into the character
// before.
constexpr auto unseen = std::to_array<range>({
    {0xad, 0xad},
    {0x34f, 0x34f},
    {0x61c, 0x61c},
    {0x115f, 0x1160},
    {0x17b4, 0x17b5},
    {0x180b, 0x180f},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0x3164, 0x3164},
    {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},
    {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a},
    {0x1f3fb, 0x1f3ff},
    {0xe0000, 0xe0fff},
});

// The blocks that hold letters written from right to left.
constexpr auto from_the_right = std::to_array<range>({
    {0x590, 0x8ff},
    {0xfb1d, 0xfdff},
    {0xfe70, 0xfefe},
    {0x10800, 0x10fff},
    {0x1e800, 0x1efff},
});

// LEFT-TO-RIGHT MARK: behind it digits and spaces stay where they are.
constexpr std::string_view left_to_right_mark = "\xe2\x80\x8e";

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

void append_escape(std::string& out, char32_t c) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\r') {
    out += "\\r";
  } else if (c == '\t') {
    out += "\\t";
  } else {
    constexpr std::string_view digits = "0123456789abcdef";
    const bool far = c > 0xffff;
    out += far ? "\\U" : "\\u";
    for (int shift = far ? 28 : 12; shift >= 0; shift -= 4) out += digits[(c >> shift) & 15U];
  }
}

/// What one character becomes; keeps count of the marks above one letter.
class writer {
 public:
  writer(std::string& out, const glyphs& how) : out_{out}, how_{how} {}

  void add(std::string_view bytes, const utf8_step& step) {
    if (!step.well_formed) {
      add_other(how_.unicode ? replacement_character : "?");
    } else if (is_control(step.character) || any_has(unseen, step.character)) {
      add_escaped(step.character);
    } else if (step.character < 0x80) {
      add_other(bytes);
    } else if (!how_.unicode) {
      add_other("?");
    } else {
      add_wide(bytes, step.character);
    }
  }

 private:
  void add_other(std::string_view bytes) {
    out_ += bytes;
    marks_ = 0;
    letter_ = true;
  }

  void add_escaped(char32_t c) {
    append_escape(out_, c);
    marks_ = 0;
    letter_ = false;
  }

  void add_wide(std::string_view bytes, char32_t c) {
    const int columns = how_.columns_of(c);
    if (columns < 0) return add_escaped(c);
    if (columns > 0) return add_other(bytes);
    if (!letter_) return add_escaped(c);
    if (marks_++ < marks_max) out_ += bytes;
  }

  std::string& out_;
  const glyphs& how_;
  int marks_ = 0;
  bool letter_ = false;
};

/// A character and the marks above it.
struct cluster {
  std::size_t at;
  std::size_t columns;
};

std::size_t width(char32_t c, const glyphs& how) {
  if (c < 0x80) return 1;
  return static_cast<std::size_t>(std::max(how.columns_of(c), 0));
}

std::vector<cluster> clusters_of(std::string_view safe, const glyphs& how) {
  std::vector<cluster> out;
  for (std::size_t at = 0; at < safe.size();) {
    const auto step = first_character(safe.substr(at));
    const auto columns = width(step.character, how);
    if (columns != 0 || out.empty()) out.push_back({at, columns});
    at += step.bytes;
  }
  return out;
}

bool turns_around(std::string_view safe) {
  while (!safe.empty()) {
    const auto step = first_character(safe);
    if (any_has(from_the_right, step.character)) return true;
    safe.remove_prefix(step.bytes);
  }
  return false;
}

std::string held_in_place(std::string text) {
  if (turns_around(text)) text += left_to_right_mark;
  return text;
}

/// The first or last clusters that fit into `columns`, as text.
std::string_view part(std::string_view safe, const std::vector<cluster>& all, std::size_t columns,
                      cut where) {
  std::size_t used = 0;
  std::size_t count = 0;
  for (; count < all.size(); ++count) {
    const auto& next = where == cut::end ? all[count] : all[all.size() - 1 - count];
    if (used + next.columns > columns) break;
    used += next.columns;
  }
  if (count == all.size()) return safe;
  if (where == cut::end) return safe.substr(0, all[count].at);
  return count == 0 ? std::string_view{} : safe.substr(all[all.size() - count].at);
}

}  // namespace

std::string shown(std::string_view text, const glyphs& how) {
  std::string out;
  writer to{out, how};
  auto rest = text.substr(0, shown_bytes_max);
  while (!rest.empty()) {
    const auto step = first_character(rest);
    to.add(rest.substr(0, step.bytes), step);
    rest.remove_prefix(step.bytes);
  }
  return out;
}

std::size_t columns_of(std::string_view safe, const glyphs& how) {
  std::size_t out = 0;
  while (!safe.empty()) {
    const auto step = first_character(safe);
    out += width(step.character, how);
    safe.remove_prefix(step.bytes);
  }
  return out;
}

std::string fitted(std::string_view safe, std::size_t columns, const glyphs& how, cut where) {
  if (columns == 0) return {};
  if (columns_of(safe, how) <= columns) return held_in_place(std::string{safe});
  const auto kept = part(safe, clusters_of(safe, how), columns - 1, where);
  const std::string ellipsis{how.ellipsis()};
  return held_in_place(where == cut::end ? std::string{kept} + ellipsis
                                         : ellipsis + std::string{kept});
}

std::string padded(std::string_view safe, std::size_t columns, const glyphs& how, align to,
                   cut where) {
  auto out = fitted(safe, columns, how, where);
  const std::string gap(columns - columns_of(out, how), ' ');
  return to == align::left ? out + gap : gap + out;
}

std::vector<std::string> wrapped(std::string_view safe, std::size_t columns, std::size_t lines_max,
                                 const glyphs& how) {
  std::vector<std::string> out;
  if (columns == 0) return out;
  while (!safe.empty() && out.size() < lines_max) {
    if (columns_of(safe, how) <= columns || out.size() + 1 == lines_max) {
      out.push_back(fitted(safe, columns, how));
      break;
    }
    auto piece = part(safe, clusters_of(safe, how), columns, cut::end);
    // A character of two columns has no room in a line of one: it goes, or this would never end.
    if (piece.empty()) piece = safe.substr(0, first_character(safe).bytes);
    const auto space = piece.rfind(' ');
    const bool in_a_word = piece.size() < safe.size() && safe[piece.size()] != ' ';
    if (in_a_word && space != std::string_view::npos && space != 0) {
      piece = piece.substr(0, space);
    }
    out.push_back(fitted(piece, columns, how));
    safe.remove_prefix(piece.size());
    safe.remove_prefix(std::min(safe.find_first_not_of(' '), safe.size()));
  }
  return out;
}

std::string bar(double share, std::size_t columns, const glyphs& how) {
  const auto bounded = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(bounded * static_cast<double>(columns));
  std::string out;
  for (std::size_t at = 0; at < columns; ++at) out += at < full ? how.bar_full() : how.bar_empty();
  return out;
}

}  // namespace ingestor::terminal
