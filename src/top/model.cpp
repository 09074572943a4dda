#include "top/model.hpp"

#include <algorithm>

namespace ingestor::top {
namespace {

using namespace std::chrono_literals;
using terminal::key;
using terminal::key_name;

/// What + and - go through.
constexpr std::array<std::chrono::seconds, 7> intervals{1s, 2s, 5s, 10s, 30s, 60s, 300s};

void append_utf8(std::string& to, char32_t c) {
  const auto byte = [](char32_t bits) {
    return static_cast<char>(static_cast<unsigned char>(bits));
  };
  if (c < 0x80) {
    to += byte(c);
  } else if (c < 0x800) {
    to += {byte(0xc0U | c >> 6U), byte(0x80U | (c & 0x3fU))};
  } else if (c < 0x10000) {
    to += {byte(0xe0U | c >> 12U), byte(0x80U | (c >> 6U & 0x3fU)), byte(0x80U | (c & 0x3fU))};
  } else {
    to += {byte(0xf0U | c >> 18U), byte(0x80U | (c >> 12U & 0x3fU)),
           byte(0x80U | (c >> 6U & 0x3fU)), byte(0x80U | (c & 0x3fU))};
  }
}

std::string without_last(std::string text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U)
    text.pop_back();
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

wish model::press(const key& pressed) {
  if (pressed.name == key_name::redraw) return wish::redraw;
  switch (mode_) {
    case mode::filter:
      return press_in_filter(pressed);
    case mode::help:
      mode_ = mode::lists;
      return wish::nothing;
    case mode::details:
      if (pressed.name == key_name::character && pressed.character == 'q') return wish::quit;
      mode_ = mode::lists;
      return wish::nothing;
    case mode::lists:
      return press_in_lists(pressed);
  }
  return wish::nothing;
}

wish model::press_in_filter(const key& pressed) {
  switch (pressed.name) {
    case key_name::character: {
      auto longer = filter_;
      append_utf8(longer, pressed.character);
      if (longer.size() <= filter_bytes_max) change_filter(std::move(longer));
      break;
    }
    case key_name::backspace:
      change_filter(without_last(filter_));
      break;
    case key_name::escape:
      change_filter({});
      mode_ = mode::lists;
      break;
    case key_name::enter:
      mode_ = mode::lists;
      break;
    default:
      break;
  }
  return wish::nothing;
}

wish model::press_in_lists(const key& pressed) {
  const auto chosen = static_cast<std::size_t>(pane_);
  switch (pressed.name) {
    case key_name::character:
      return press_character(pressed.character);
    case key_name::escape:
      change_filter({});
      break;
    case key_name::enter:
      in_detail_ = under_cursor_;
      mode_ = mode::details;
      break;
    case key_name::tab:
    case key_name::right:
      choose((chosen + 1) % panes.size());
      break;
    case key_name::back_tab:
    case key_name::left:
      choose((chosen + panes.size() - 1) % panes.size());
      break;
    default:
      move(pressed.name);
  }
  return wish::nothing;
}

wish model::press_character(char32_t c) {
  if (c >= '1' && c < '1' + panes.size()) choose(c - '1');
  switch (c) {
    case 'q':
      return wish::quit;
    case 'r':
      return wish::read_now;
    case ' ':
      paused_ = !paused_;
      return paused_ ? wish::nothing : wish::read_now;
    case 's':
      sort_by_the_next();
      break;
    case 'S':
      of(pane_).by.reversed = !of(pane_).by.reversed;
      break;
    case '/':
      mode_ = mode::filter;
      break;
    case '?':
    case 'h':
      mode_ = mode::help;
      break;
    case '+':
    case '=':
      change_interval(1);
      break;
    case '-':
      change_interval(-1);
      break;
    case 'j':
      move(key_name::down);
      break;
    case 'k':
      move(key_name::up);
      break;
    case 'g':
      move(key_name::home);
      break;
    case 'G':
      move(key_name::end);
      break;
    default:
      break;
  }
  return wish::nothing;
}

void model::move(key_name where) {
  auto& cursor = of(pane_).cursor;
  switch (where) {
    case key_name::up:
      cursor -= std::min<std::size_t>(cursor, 1);
      break;
    case key_name::down:
      ++cursor;
      break;
    case key_name::page_up:
      cursor -= std::min(cursor, page_);
      break;
    case key_name::page_down:
      cursor += page_;
      break;
    case key_name::home:
      cursor = 0;
      break;
    case key_name::end:
      // No list is as long; drawing brings it back.
      cursor = std::size_t{1} << 32U;
      break;
    default:
      break;
  }
}

void model::choose(std::size_t number) {
  pane_ = panes[number];
}

void model::sort_by_the_next() {
  auto& by = of(pane_).by;
  const auto next = by.column ? *by.column + 1 : 0;
  by = {};
  if (next < columns_in(pane_).size()) by.column = next;
}

void model::change_filter(std::string to) {
  filter_ = std::move(to);
  for (auto& one : lists_) one.cursor = 0;
}

void model::change_interval(int steps) {
  if (steps > 0) {
    const auto* const longer = std::ranges::upper_bound(intervals, interval_);
    if (longer != intervals.end()) interval_ = *longer;
  } else {
    const auto* const shorter = std::ranges::lower_bound(intervals, interval_);
    if (shorter != intervals.begin()) interval_ = *std::prev(shorter);
  }
}

}  // namespace ingestor::top
