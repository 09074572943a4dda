// `top` on a terminal: keys, signals, readings and the screen, until somebody ends it.
#pragma once

#include "app/event_loop.hpp"
#include "app/top_feed.hpp"
#include "terminal/screen.hpp"
#include "top/model.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

namespace ingestor::app {

class top_session {
 public:
  /// Takes the signals of a terminal. `feed` outlives it, and has read once.
  top_session(event_loop& loop, top_feed& feed, const top::model& shown);

  /// Why the screen cannot be used, or nothing, and then it is drawn on.
  result<void, std::string> take_screen(terminal::screen::options given);

  /// Until q, a signal, or an error that does not pass; returns the exit code. The terminal is as
  /// it was then, and the error has been told.
  boost::asio::awaitable<int> run();

 private:
  boost::asio::awaitable<void> follow_keys();
  boost::asio::awaitable<void> follow_signals();
  boost::asio::awaitable<void> keep_reading();
  boost::asio::awaitable<void> keep_drawing();
  boost::asio::awaitable<void> wait_to_read(top_feed::clock::duration at_most);
  void handle(const terminal::key& pressed);
  void read_now();
  void stop_for_a_while();
  void take_again();
  void draw();
  void end(int exit_code, std::string complaint = {});

  event_loop& loop_;
  top_feed& feed_;
  top::model model_;
  boost::asio::signal_set signals_;
  std::unique_ptr<terminal::screen> screen_;
  boost::asio::steady_timer reading_;
  bool read_now_ = false;
  boost::asio::steady_timer over_;
  bool ended_ = false;
  int exit_code_ = 0;
  std::string complaint_;
};

}  // namespace ingestor::app
