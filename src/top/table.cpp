#include "top/table.hpp"

#include <algorithm>

namespace ingestor::top {
namespace {

using terminal::glyphs;

constexpr unsigned ascii_case = 'a' - 'A';

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(static_cast<unsigned char>(c) + ascii_case) : c;
}

bool holds(std::string_view text, std::string_view wanted) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return wanted.empty() ||
         std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same) != text.end();
}

/// Whether `a` comes before `b` in the column's own direction.
bool comes_first(const column& by, const cell& a, const cell& b) {
  return by.by_figure ? a.order > b.order : a.text < b.text;
}

std::string name_of(const column& one, bool sorted, bool reversed, const glyphs& how) {
  std::string out{one.name};
  if (sorted) out += one.by_figure != reversed ? how.down() : how.up();
  return out;
}

std::string head_text(const table& of, std::size_t at, const order& by, const glyphs& how) {
  return name_of(of.columns[at], by.column == at, by.reversed, how);
}

std::vector<std::size_t> natural_widths(const table& of, const order& by, const glyphs& how) {
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < of.columns.size(); ++at) {
    auto widest =
        std::max(of.columns[at].columns_min, terminal::columns_of(head_text(of, at, by, how), how));
    for (const auto& one : of.rows) {
      widest = std::max(widest, terminal::columns_of(one.cells[at].text, how));
    }
    out.push_back(widest);
  }
  return out;
}

std::size_t needed(const std::vector<layout::place>& places) {
  std::size_t out = 0;
  for (const auto& place : places) out += place.columns + (out == 0 ? 0 : column_gap);
  return out;
}

/// Columns that may be narrower are so, until it is known what is left over.
std::vector<layout::place> narrowest(const table& of, const std::vector<std::size_t>& natural) {
  std::vector<layout::place> out;
  for (std::size_t at = 0; at < of.columns.size(); ++at) {
    const auto& one = of.columns[at];
    out.push_back({at, one.part == 0 ? natural[at] : std::min(natural[at], one.columns_min)});
  }
  return out;
}

void drop_what_has_no_room(layout& in, const table& of, std::size_t columns) {
  while (needed(in.places) > columns) {
    const auto first = std::ranges::max_element(
        in.places, {}, [&](const layout::place& place) { return of.columns[place.column].goes; });
    if (first == in.places.end() || of.columns[first->column].goes == 0) return;
    in.places.erase(first);
    ++in.hidden;
  }
}

void share_out(layout& in, const table& of, const std::vector<std::size_t>& natural,
               std::size_t left) {
  // Each time round at least one column gets all that it wants, or everything is given away.
  for (std::size_t round = 0; round < of.columns.size() && left != 0; ++round) {
    unsigned parts = 0;
    for (const auto& place : in.places) {
      if (place.columns < natural[place.column]) parts += of.columns[place.column].part;
    }
    if (parts == 0) return;
    const auto all = left;
    for (auto& place : in.places) {
      const auto wants = natural[place.column] - place.columns;
      const auto fair = (all * of.columns[place.column].part + parts - 1) / parts;
      const auto given = std::min({wants, fair, left});
      place.columns += given;
      left -= given;
    }
  }
}

}  // namespace

std::vector<std::size_t> arranged(const table& of, const order& by, std::string_view filter) {
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < of.rows.size(); ++at) {
    if (holds(of.rows[at].searched, filter)) out.push_back(at);
  }
  if (!by.column || *by.column >= of.columns.size()) {
    if (by.reversed) std::ranges::reverse(out);
    return out;
  }
  const auto& column = of.columns[*by.column];
  std::ranges::stable_sort(out, [&](std::size_t a, std::size_t b) {
    const auto& one = of.rows[a].cells[*by.column];
    const auto& other = of.rows[b].cells[*by.column];
    return by.reversed ? comes_first(column, other, one) : comes_first(column, one, other);
  });
  return out;
}

layout laid_out(const table& of, const order& by, std::size_t columns, const glyphs& how) {
  const auto natural = natural_widths(of, by, how);
  layout out;
  out.places = narrowest(of, natural);
  drop_what_has_no_room(out, of, columns);
  const auto used = needed(out.places);
  if (used < columns) share_out(out, of, natural, columns - used);
  return out;
}

terminal::line head_of(const table& of, const layout& in, const order& by, const glyphs& how) {
  terminal::line out;
  for (const auto& place : in.places) {
    const auto& column = of.columns[place.column];
    if (!out.spans.empty()) out.spans.push_back({std::string(column_gap, ' ')});
    const bool sorted = by.column == place.column;
    out.spans.push_back(
        {terminal::padded(head_text(of, place.column, by, how), place.columns, how, column.to),
         sorted ? terminal::style::strong : terminal::style::faint});
  }
  return out;
}

terminal::line line_of(const table& of, const row& one, const layout& in, const glyphs& how) {
  terminal::line out;
  for (const auto& place : in.places) {
    const auto& column = of.columns[place.column];
    const auto& cell = one.cells[place.column];
    if (!out.spans.empty()) out.spans.push_back({std::string(column_gap, ' ')});
    // Behind the last one nothing needs to be aligned.
    const bool last = &place == &in.places.back() && column.to == terminal::align::left;
    out.spans.push_back(
        {last ? terminal::fitted(cell.text, place.columns, how, column.where)
              : terminal::padded(cell.text, place.columns, how, column.to, column.where),
         cell.as});
  }
  return out;
}

}  // namespace ingestor::top
