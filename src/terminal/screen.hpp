// The whole screen of a terminal, by ncurses: taken, drawn on, and given back.
#pragma once

#include "base/result.hpp"
#include "terminal/frame.hpp"
#include "terminal/key.hpp"
#include "terminal/text.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ingestor::terminal {

/// How the terminal that the environment describes (LC_ALL, LC_CTYPE, LANG) writes. Sets the
/// process's LC_CTYPE.
glyphs glyphs_of_locale();
/// UTF-8, whatever the environment says: for what is no terminal.
glyphs glyphs_of_utf8();

/// There can be one at a time. Signals are the owner's: on SIGWINCH it draws again, on SIGTSTP it
/// leaves, stops and enters again, on SIGCONT it enters.
class screen {
 public:
  struct options {
    /// Its type, as TERM says.
    std::string type;
    bool colours = true;
    glyphs how;
  };

  /// Takes the terminal that stdout is; its keyboard is that of stdin, or of the controlling
  /// terminal. Otherwise says why not, and nothing has happened to it.
  static result<std::unique_ptr<screen>, std::string> take(
      const boost::asio::any_io_executor& executor, options given);

  /// Gives it back, as it was.
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  /// As it is at this moment; never nothing.
  size room();

  /// Replaces what is on the screen, of which only what has changed is written. A terminal that
  /// takes nothing at the moment (Ctrl-S) is left alone: false, and nothing is drawn.
  bool draw(const frame& what);

  /// Until there is something for pressed(); false when the terminal is gone.
  boost::asio::awaitable<bool> key_pressed();
  /// The keys that have arrived; does not wait.
  std::vector<key> pressed();

  /// Gives the terminal back until enter(), and takes it again, to be drawn anew. A second call
  /// of leave() does nothing.
  void leave();
  void enter();

 private:
  struct parts;
  explicit screen(std::unique_ptr<parts> all);

  std::unique_ptr<parts> parts_;
};

}  // namespace ingestor::terminal
