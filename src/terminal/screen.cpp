#include "terminal/screen.hpp"

#include "terminal/emergency.hpp"
#include "terminal/terminfo.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <cwchar>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace ingestor::terminal {
namespace {

namespace asio = boost::asio;

/// Of a terminal, whatever it says; ncurses keeps some 60 bytes for each cell.
constexpr int rows_max = 500;
constexpr int columns_max = 1000;
/// Taken at once, so that a text that is pasted does not keep the loop.
constexpr std::size_t keys_max = 256;
/// How long the rest of a special key may take to arrive; ncurses waits for it.
constexpr int escape_delay_ms = 25;

struct closer {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using file = std::unique_ptr<std::FILE, closer>;

int columns_in_locale(char32_t c) {
  return wcwidth(static_cast<wchar_t>(c));
}

/// Opened anew: its O_NONBLOCK is not that of the shell, which shares stdin.
int open_keyboard() {
  constexpr int how = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  std::array<char, 256> name{};
  if (ttyname_r(STDIN_FILENO, name.data(), name.size()) == 0) {
    if (const int found = open(name.data(), how); found >= 0) return found;
  }
  return open("/dev/tty", how);
}

constexpr short own_colour = -1;
enum pair : short { cyan_pair = 1, green_pair, yellow_pair, red_pair };

bool set_colours_up() {
  if (!has_colors() || start_color() == ERR) return false;
  const short background = use_default_colors() == OK ? own_colour : short{COLOR_BLACK};
  (void)init_pair(cyan_pair, COLOR_CYAN, background);
  (void)init_pair(green_pair, COLOR_GREEN, background);
  (void)init_pair(yellow_pair, COLOR_YELLOW, background);
  (void)init_pair(red_pair, COLOR_RED, background);
  return true;
}

attr_t attributes_of(style as) {
  switch (as) {
    case style::faint:
      return A_DIM;
    case style::strong:
    case style::accent:
    case style::warning:
    case style::bad:
      return A_BOLD;
    case style::plain:
    case style::good:
      return A_NORMAL;
  }
  return A_NORMAL;
}

short pair_of(style as) {
  switch (as) {
    case style::accent:
      return cyan_pair;
    case style::good:
      return green_pair;
    case style::warning:
      return yellow_pair;
    case style::bad:
      return red_pair;
    default:
      return 0;
  }
}

key_name name_of(wint_t code) {
  switch (code) {
    case KEY_UP:
      return key_name::up;
    case KEY_DOWN:
      return key_name::down;
    case KEY_LEFT:
      return key_name::left;
    case KEY_RIGHT:
      return key_name::right;
    case KEY_PPAGE:
      return key_name::page_up;
    case KEY_NPAGE:
      return key_name::page_down;
    case KEY_HOME:
      return key_name::home;
    case KEY_END:
      return key_name::end;
    case KEY_ENTER:
      return key_name::enter;
    case KEY_BTAB:
      return key_name::back_tab;
    case KEY_BACKSPACE:
      return key_name::backspace;
    default:
      return key_name::other;
  }
}

}  // namespace

glyphs glyphs_of_locale() {
  if (std::setlocale(LC_CTYPE, "") == nullptr) (void)std::setlocale(LC_CTYPE, "C");
  const std::string codes = nl_langinfo(CODESET);
  return {codes == "UTF-8", columns_in_locale};
}

glyphs glyphs_of_utf8() {
  (void)std::setlocale(LC_CTYPE, "C.UTF-8");
  return {true, columns_in_locale};
}

struct screen::parts {
  options given;
  asio::posix::stream_descriptor keyboard;
  file input;
  termios modes{};
  std::string sequences;
  SCREEN* drawn = nullptr;
  bool coloured = false;
  bool away = true;
};

result<std::unique_ptr<screen>, std::string> screen::take(const asio::any_io_executor& executor,
                                                          options given) {
  auto all = std::make_unique<parts>(
      parts{std::move(given), asio::posix::stream_descriptor{executor}, nullptr, {}, {}});
  if (tcgetattr(STDOUT_FILENO, &all->modes) != 0) return std::string{"stdout is no terminal"};
  if (auto why = unusable_terminal(all->given.type, STDOUT_FILENO); !why.empty()) return why;
  const int keyboard = open_keyboard();
  if (keyboard < 0) return std::string{"there is no keyboard: no terminal can be opened"};
  all->keyboard.assign(keyboard);
  all->input.reset(fdopen(dup(keyboard), "r"));
  if (!all->input) return std::string{"there is no keyboard: it cannot be read"};

  // The window's size is asked for by room(): LINES and COLUMNS are not heeded.
  use_env(FALSE);
  all->drawn = newterm(all->given.type.c_str(), stdout, all->input.get());
  if (all->drawn == nullptr) return std::string{"ncurses cannot draw on this terminal"};
  all->sequences = giving_back();
  all->away = false;
  arm_emergency(STDOUT_FILENO, all->modes, all->sequences);
  (void)set_escdelay(escape_delay_ms);
  (void)cbreak();
  (void)noecho();
  (void)nonl();
  (void)keypad(stdscr, TRUE);
  (void)nodelay(stdscr, TRUE);
  (void)typeahead(-1);
  (void)curs_set(0);
  all->coloured = all->given.colours && set_colours_up();
  return std::unique_ptr<screen>{new screen{std::move(all)}};
}

screen::screen(std::unique_ptr<parts> all) : parts_{std::move(all)} {}

screen::~screen() {
  leave();
  delscreen(parts_->drawn);
}

size screen::room() {
  winsize found{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) != 0 || found.ws_row == 0 || found.ws_col == 0) {
    found.ws_row = 24;
    found.ws_col = 80;
  }
  const int rows = std::min<int>(found.ws_row, rows_max);
  const int columns = std::min<int>(found.ws_col, columns_max);
  if (rows != LINES || columns != COLS) {
    (void)resizeterm(rows, columns);
    (void)clearok(curscr, TRUE);
  }
  return {static_cast<std::size_t>(columns), static_cast<std::size_t>(rows)};
}

bool screen::draw(const frame& what) {
  pollfd ready{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (parts_->away || poll(&ready, 1, 0) <= 0 || (ready.revents & POLLOUT) == 0) return false;
  (void)erase();
  int row = 0;
  for (const auto& line : what) {
    if (row == LINES) break;
    (void)move(row, 0);
    for (const auto& span : line.spans) {
      const auto reversed = line.reversed ? A_REVERSE : A_NORMAL;
      // On a reversed line colours would be backgrounds.
      const auto colour = line.reversed || !parts_->coloured ? short{0} : pair_of(span.as);
      const auto how = line.reversed ? attributes_of(span.as) & A_BOLD : attributes_of(span.as);
      (void)attr_set(how | reversed, colour, nullptr);
      (void)addstr(span.text.c_str());
    }
    const int end = getcurx(stdscr);
    if (line.reversed && getcury(stdscr) == row && end < COLS) {
      (void)attr_set(A_REVERSE, 0, nullptr);
      for (int at = end; at < COLS; ++at) (void)addch(' ');
    }
    ++row;
  }
  (void)attr_set(A_NORMAL, 0, nullptr);
  (void)refresh();
  return true;
}

asio::awaitable<bool> screen::key_pressed() {
  boost::system::error_code error;
  co_await parts_->keyboard.async_wait(asio::posix::stream_descriptor::wait_read,
                                       asio::redirect_error(asio::use_awaitable, error));
  pollfd ready{.fd = parts_->keyboard.native_handle(), .events = POLLIN, .revents = 0};
  const bool gone = poll(&ready, 1, 0) < 0 || (ready.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
  co_return !error && !gone;
}

std::vector<key> screen::pressed() {
  std::vector<key> arrived;
  if (parts_->away) return arrived;
  while (arrived.size() < keys_max) {
    wint_t code = 0;
    const int kind = get_wch(&code);
    if (kind == ERR) break;
    if (kind == KEY_CODE_YES) {
      arrived.push_back({name_of(code)});
    } else if (parts_->given.how.unicode || code < 0x80) {
      arrived.push_back({key_name::character, static_cast<char32_t>(code)});
    }
  }
  return keys_of(arrived);
}

void screen::leave() {
  if (std::exchange(parts_->away, true)) return;
  // Setting the modes waits until all is written, which Ctrl-S would keep it from. Only what is
  // stopped from here can be started from here.
  (void)tcflow(STDOUT_FILENO, TCOOFF);
  (void)tcflow(STDOUT_FILENO, TCOON);
  (void)endwin();
  disarm_emergency();
}

void screen::enter() {
  parts_->away = false;
  arm_emergency(STDOUT_FILENO, parts_->modes, parts_->sequences);
  (void)clearok(curscr, TRUE);
  (void)refresh();
  (void)curs_set(0);
}

}  // namespace ingestor::terminal
