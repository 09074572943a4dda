// model::draw(): where on the screen each thing goes.
#include "telemetry/figures.hpp"
#include "terminal/text.hpp"
#include "top/header.hpp"
#include "top/model.hpp"

#include <algorithm>
#include <array>

namespace ingestor::top {
namespace {

using terminal::columns_of;
using terminal::frame;
using terminal::glyphs;
using terminal::line;
using terminal::size;
using terminal::style;

// From how many rows on there is room for what.
constexpr std::size_t rows_for_a_footer = 4;
constexpr std::size_t rows_for_a_state = 5;
constexpr std::size_t rows_for_two_lines = 8;
constexpr std::size_t rows_for_a_header = 14;
constexpr std::size_t rows_for_a_gap = 20;
/// For the titles of all lists; below, only the chosen one has its own.
constexpr std::size_t body_for_all_titles = 8;
/// A list that is not chosen opens for no less: the names of the columns, and two rows.
constexpr std::size_t list_lines_min = 3;
constexpr std::size_t columns_for_long_bars = 130;
constexpr std::size_t short_bar = 10;
constexpr std::size_t long_bar = 24;
constexpr std::size_t detail_lines_max = 40;

struct hint {
  std::string_view key;
  std::string_view does;
};

constexpr auto hints = std::to_array<hint>({{"q", "quit"},
                                            {"?", "help"},
                                            {"tab", "next list"},
                                            {"s", "sort"},
                                            {"/", "filter"},
                                            {"enter", "all of it"},
                                            {"space", "pause"},
                                            {"+/-", "slower, faster"}});

constexpr auto keys_told = std::to_array<hint>({
    {"tab, 1-4", "choose a list; it gets the room that it needs"},
    {"up, down, page, home, end", "move in the list (j, k, g, G too)"},
    {"enter", "all about the row: nothing is cut there"},
    {"s", "sort by the next column"},
    {"S", "the other way round"},
    {"/", "show only rows with a text in replica, key, error or reason"},
    {"esc", "show all rows again"},
    {"space", "pause, and go on"},
    {"+ -", "read less often, more often"},
    {"r", "read now"},
    {"q", "quit"},
});

constexpr auto stages_told = std::to_array<hint>({
    {"claim", "waits for a connection to the database, or its turn"},
    {"fetch", "waits for S3"},
    {"load", "reads and writes at once"},
    {"write", "waits for the database to take rows"},
    {"commit", "waits for the database to commit"},
});

std::size_t header_lines_for(std::size_t rows, std::size_t all) {
  if (rows >= rows_for_a_header) return all;
  if (rows >= rows_for_two_lines) return std::min<std::size_t>(all, 2);
  return rows >= rows_for_a_state ? std::min<std::size_t>(all, 1) : 0;
}

line hinted(const hint& one, std::size_t key_columns, const glyphs& how) {
  return {{{"  " + terminal::padded(one.key, key_columns, how) + "  ", style::accent},
           {std::string{one.does}}}};
}

frame help_lines(const glyphs& how) {
  constexpr std::size_t key_columns = 26;
  frame out;
  out.push_back({{{" Keys", style::strong}}});
  for (const auto& one : keys_told) out.push_back(hinted(one, key_columns, how));
  out.push_back({});
  out.push_back({{{" What a file is doing, or waits for", style::strong}}});
  for (const auto& one : stages_told) out.push_back(hinted(one, key_columns, how));
  return out;
}

/// The first lines that fit; the last one says when there are more.
void append_within(frame& to, frame lines, std::size_t rows) {
  if (lines.size() > rows && rows != 0) {
    const auto more = lines.size() - rows + 1;
    lines.resize(rows - 1);
    lines.push_back({{{" " + std::to_string(more) + " more lines", style::faint}}});
  }
  lines.resize(std::min(lines.size(), rows));
  std::ranges::move(lines, std::back_inserter(to));
}

std::size_t wanted_lines(const content& one) {
  return one.arranged.empty() ? 0 : one.arranged.size() + 1;
}

/// The chosen list first, then the others in their order; returns what is left over.
std::size_t share_lines(std::vector<content>& all, pane chosen, std::size_t lines) {
  const auto give = [&](content& one, std::size_t least) {
    if (lines < std::min(least, wanted_lines(one))) return;
    one.lines = std::min(lines, wanted_lines(one));
    lines -= one.lines;
  };
  for (auto& one : all) {
    if (one.which == chosen) give(one, 2);
  }
  for (auto& one : all) {
    if (one.which != chosen) give(one, list_lines_min);
  }
  return lines;
}

}  // namespace

std::vector<content> model::contents(const seen& now, std::size_t columns) const {
  const auto& figures = *now.figures;
  const auto bar_columns = columns >= columns_for_long_bars ? long_bar : short_bar;
  std::vector<content> out;
  for (const auto which : panes) {
    content one{which,
                table_of(which, figures, now.at, bar_columns, how_),
                {},
                0,
                remark_on(which, figures, now.at)};
    one.arranged = arranged(one.all, of(which).by, filter_);
    out.push_back(std::move(one));
  }
  return out;
}

void model::keep_in_sight(const content& one) {
  auto& in = of(one.which);
  const auto rows = one.arranged.size();
  const auto shown_now = one.rows_shown();
  in.cursor = std::min(in.cursor, rows == 0 ? 0 : rows - 1);
  in.first = std::min(in.first, rows - std::min(rows, shown_now));
  if (one.which == pane_) {
    page_ = std::max<std::size_t>(shown_now, 1);
    in.first = std::min(in.first, in.cursor);
    if (shown_now != 0 && in.cursor - in.first >= shown_now) in.first = in.cursor - shown_now + 1;
    under_cursor_ = rows == 0 ? "" : one.all.rows[one.arranged[in.cursor]].searched;
  }
}

std::string model::remarks_on(const content& one, const layout& in) const {
  std::string out;
  const auto say = [&](std::string_view what) {
    if (what.empty()) return;
    if (!out.empty()) out += how_.dot();
    out += what;
  };
  say(one.remark);
  const auto rows = one.arranged.size();
  if (rows > 1) {
    const auto& by = of(one.which).by;
    say(by.column ? "by " + std::string{one.all.columns[*by.column].name}
                  : std::string{own_order_of(one.which)} + (by.reversed ? ", reversed" : ""));
  }
  if (one.lines != 0 && in.hidden != 0) {
    say(std::to_string(in.hidden) + (in.hidden == 1 ? " column hidden" : " columns hidden"));
  }
  if (one.lines != 0) {
    const auto above = of(one.which).first;
    const auto below = rows - above - std::min(rows - above, one.rows_shown());
    if (above != 0) say(std::to_string(above) + " above");
    if (below != 0) say(std::to_string(below) + (above == 0 ? " more" : " below"));
  }
  return out;
}

line model::title_of_list(const content& one, const layout& in, std::size_t columns) const {
  const bool chosen = one.which == pane_;
  const auto number = std::to_string(static_cast<std::size_t>(one.which) + 1);
  auto name = number + " " + std::string{title_of(one.which)};
  const auto all = one.all.rows.size();
  const auto rows = one.arranged.size();
  std::string figure = all == 0 ? "none" : std::to_string(rows);
  if (rows != all) figure += " of " + std::to_string(all) + " match";
  auto remarks = remarks_on(one, in);
  if (!remarks.empty()) remarks = " " + remarks + " ";

  const std::string mark{chosen ? (how_.unicode ? "▶ " : "> ") : std::string{how_.rule()} + " "};
  const auto used = columns_of(mark, how_) + columns_of(name, how_) + 2 + figure.size() + 1 +
                    columns_of(remarks, how_);
  std::string rule;
  for (auto at = used + 1; at < columns; ++at) rule += how_.rule();
  line out;
  out.spans = {{mark, chosen ? style::accent : style::faint},
               {std::move(name), chosen ? style::accent : style::strong},
               {"  " + figure + " "},
               {std::move(rule), style::faint},
               {std::move(remarks), style::faint},
               {std::string{how_.rule()}, style::faint}};
  return out;
}

void model::append_list(frame& to, const content& one, std::size_t columns) const {
  const auto& in = of(one.which);
  // One column in from the edge, like the rest.
  const auto places = laid_out(one.all, in.by, columns - std::min<std::size_t>(columns, 2), how_);
  to.push_back(title_of_list(one, places, columns));
  if (one.lines == 0) return;
  const auto append = [&](line next) {
    next.spans.insert(next.spans.begin(), {" "});
    to.push_back(std::move(next));
  };
  append(head_of(one.all, places, in.by, how_));
  for (std::size_t at = in.first; at < in.first + one.rows_shown() && at < one.arranged.size();
       ++at) {
    auto next = line_of(one.all, one.all.rows[one.arranged[at]], places, how_);
    next.reversed = one.which == pane_ && at == in.cursor;
    append(std::move(next));
  }
}

void model::append_lists(frame& to, std::vector<content> all, size room) {
  if (room.rows == 0) return;
  const bool only_one = room.rows < body_for_all_titles;
  if (only_one) std::erase_if(all, [&](const content& one) { return one.which != pane_; });
  auto left = share_lines(all, pane_, room.rows - std::min(room.rows, all.size()));
  const bool gaps = left >= all.size() - 1;
  for (const auto& one : all) {
    if (gaps && &one != &all.front()) to.push_back({});
    keep_in_sight(one);
    append_list(to, one, room.columns);
  }
}

void model::append_details(frame& to, const std::vector<content>& all, size room) const {
  const auto& rows = all[static_cast<std::size_t>(pane_)].all.rows;
  const auto found = std::ranges::find(rows, in_detail_, &row::searched);
  frame lines;
  lines.push_back({{{" " + std::string{title_of(pane_)} + ": all of one row", style::strong}}});
  if (found == rows.end()) {
    lines.push_back({{{" It is not in the list any more."}}});
  } else {
    constexpr std::size_t name_columns = 12;
    const auto wide = room.columns - std::min(room.columns, name_columns + 2);
    for (const auto& [name, text] : found->details) {
      std::string_view said = name;
      for (auto& part : terminal::wrapped(text, wide, detail_lines_max, how_)) {
        lines.push_back({{{" " + terminal::padded(said, name_columns, how_), style::faint},
                          {std::move(part)}}});
        said = {};
      }
    }
  }
  append_within(to, std::move(lines), room.rows);
}

line model::footer(std::size_t columns) const {
  line out;
  if (mode_ == mode::filter) {
    const auto typed = terminal::shown(filter_, how_);
    const auto room = columns - std::min<std::size_t>(columns, 40);
    out.spans = {
        {" show rows with: ", style::accent},
        {terminal::fitted(typed, std::max<std::size_t>(room, 8), how_, terminal::cut::start)},
        {"_", style::strong},
        {"   enter: keep   esc: all", style::faint}};
    return out;
  }
  if (mode_ != mode::lists) return {{{" any key: back", style::accent}}};
  if (!filter_.empty()) {
    out.spans.push_back({" only rows with: ", style::warning});
    out.spans.push_back(
        {terminal::fitted(terminal::shown(filter_, how_), 24, how_), style::strong});
    out.spans.push_back({"  "});
    out.spans.push_back({"esc", style::accent});
    out.spans.push_back({" all rows"});
  }
  std::size_t used = 0;
  for (const auto& one : out.spans) used += columns_of(one.text, how_);
  for (const auto& [key, does] : hints) {
    const auto gap = std::string(used == 0 ? 1 : 2, ' ');
    const auto wide = gap.size() + key.size() + 1 + does.size();
    if (used + wide > columns) break;
    out.spans.push_back({gap + std::string{key}, style::accent});
    out.spans.push_back({" " + std::string{does}});
    used += wide;
  }
  const auto every = "every " + telemetry::span_text(static_cast<double>(interval_.count())) + " ";
  if (used + 2 + every.size() <= columns) {
    out.spans.push_back({std::string(columns - used - every.size(), ' ') + every, style::faint});
  }
  return out;
}

frame model::draw(const seen& now, size room) {
  frame out;
  if (room.rows == 0 || room.columns == 0) return out;
  out.push_back(title_line(now, room.columns, how_));
  auto header = header_lines(now, paused_, room.columns, how_);
  header.resize(header_lines_for(room.rows, header.size()));
  std::ranges::move(header, std::back_inserter(out));
  if (room.rows >= rows_for_a_gap) out.push_back({});

  const bool with_footer = room.rows >= rows_for_a_footer;
  const auto used = out.size() + (with_footer ? 1 : 0);
  const size body{room.columns, room.rows - std::min(room.rows, used)};
  if (mode_ == mode::help) {
    append_within(out, help_lines(how_), body.rows);
  } else if (now.figures) {
    auto all = contents(now, room.columns);
    if (mode_ == mode::details) {
      append_details(out, all, body);
    } else {
      append_lists(out, std::move(all), body);
    }
  }
  out.resize(room.rows - (with_footer ? 1 : 0));
  if (with_footer) out.push_back(footer(room.columns));
  for (auto& one : out) one = clipped(std::move(one), room.columns, how_);
  return out;
}

}  // namespace ingestor::top
