// What somebody looks at: keys change it, and it says what the terminal is to show.
#pragma once

#include "terminal/frame.hpp"
#include "terminal/key.hpp"
#include "terminal/text.hpp"
#include "top/panes.hpp"
#include "top/seen.hpp"
#include "top/table.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace ingestor::top {

/// Of a text that is searched for.
inline constexpr std::size_t filter_bytes_max = 256;
inline constexpr std::chrono::seconds interval_min{1};
inline constexpr std::chrono::seconds interval_max{3600};

/// What a key asks of whoever owns the model; what it changes here is to be drawn in any case.
enum class wish { nothing, quit, read_now, redraw };

/// One of the four lists, as it is now.
struct content {
  pane which = pane::replicas;
  table all;
  /// Those rows of `all` that are shown, in their order.
  std::vector<std::size_t> arranged;
  /// Lines that it gets below its title: one names the columns, the others are rows; 0: closed.
  std::size_t lines = 0;
  std::string remark;

  std::size_t rows_shown() const { return lines == 0 ? 0 : lines - 1; }
};

/// Reaches no terminal, no database and no clock.
class model {
 public:
  model(const terminal::glyphs& how, std::chrono::seconds interval)
      : how_{how}, interval_{interval} {}

  wish press(const terminal::key& pressed);

  /// Fits the size whatever that is. Not const: a cursor that points past the end of its list is
  /// brought back, and how far PageDown goes is known afterwards.
  terminal::frame draw(const seen& now, terminal::size room);

  /// Nothing is to be read meanwhile.
  bool paused() const { return paused_; }
  /// Between two readings.
  std::chrono::seconds interval() const { return interval_; }

 private:
  enum class mode { lists, filter, details, help };

  struct list {
    order by;
    std::size_t cursor = 0;
    /// The first row that is shown.
    std::size_t first = 0;
  };

  list& of(pane which) { return lists_[static_cast<std::size_t>(which)]; }
  const list& of(pane which) const { return lists_[static_cast<std::size_t>(which)]; }
  wish press_in_filter(const terminal::key& pressed);
  wish press_in_lists(const terminal::key& pressed);
  wish press_character(char32_t c);
  void move(terminal::key_name where);
  void choose(std::size_t number);
  void sort_by_the_next();
  void change_filter(std::string to);
  void change_interval(int steps);

  std::vector<content> contents(const seen& now, std::size_t columns) const;
  void keep_in_sight(const content& one);
  void append_lists(terminal::frame& to, std::vector<content> all, terminal::size room);
  void append_list(terminal::frame& to, const content& one, std::size_t columns) const;
  terminal::line title_of_list(const content& one, const layout& in, std::size_t columns) const;
  std::string remarks_on(const content& one, const layout& in) const;
  void append_details(terminal::frame& to, const std::vector<content>& all,
                      terminal::size room) const;
  terminal::line footer(std::size_t columns) const;

  terminal::glyphs how_;
  std::chrono::seconds interval_;
  pane pane_ = pane::replicas;
  std::array<list, panes.size()> lists_;
  mode mode_ = mode::lists;
  std::string filter_;
  bool paused_ = false;
  /// Rows that the chosen list showed when it was last drawn.
  std::size_t page_ = 1;
  /// What the row under its cursor was, and the one that is looked at in detail: row::searched.
  std::string under_cursor_;
  std::string in_detail_;
};

/// The whole report as plain text, for a pipe: no escape sequence, nothing cut, lines ended.
std::string plain_text(const seen& now, const terminal::glyphs& how);

}  // namespace ingestor::top
