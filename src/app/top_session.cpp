#include "app/top_session.hpp"

#include "app/configuration.hpp"
#include "app/exit_code.hpp"
#include "ingest/task_group.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Ages grow without any reading.
constexpr auto redraw_interval = 1s;
/// Between two looks at whether it is still paused.
constexpr auto paused_wait = 1h;

}  // namespace

// The signals come before the screen: ncurses takes those that nobody has.
top_session::top_session(event_loop& loop, top_feed& feed, const top::model& shown)
    : loop_{loop},
      feed_{feed},
      model_{shown},
      signals_{loop.executor()},
      reading_{loop.executor()},
      over_{loop.executor(), asio::steady_timer::time_point::max()} {
  for (const int number : {SIGWINCH, SIGTSTP, SIGCONT, SIGHUP}) signals_.add(number);
}

result<void, std::string> top_session::take_screen(terminal::screen::options given) {
  auto taken = terminal::screen::take(loop_.executor(), std::move(given));
  if (!taken) return taken.error();
  screen_ = std::move(*taken);
  loop_.on_first_signal([this](int) { end(exit_code::ok); });
  return {};
}

asio::awaitable<int> top_session::run() {
  draw();
  ingest::task_group tasks{co_await asio::this_coro::executor};
  tasks.spawn(follow_keys());
  tasks.spawn(follow_signals());
  tasks.spawn(keep_reading());
  tasks.spawn(keep_drawing());
  while (!ended_) {
    boost::system::error_code ignored;
    co_await over_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  tasks.cancel();
  co_await tasks.join();
  if (!complaint_.empty()) complain(complaint_);
  co_return exit_code_;
}

asio::awaitable<void> top_session::follow_keys() {
  while (co_await screen_->key_pressed()) {
    for (const auto& pressed : screen_->pressed()) handle(pressed);
    if (!ended_) draw();
  }
  // The terminal is gone, and so is whoever would be told.
  end(exit_code::signalled + SIGHUP);
}

asio::awaitable<void> top_session::follow_signals() {
  for (;;) {
    const int number = co_await signals_.async_wait(asio::use_awaitable);
    switch (number) {
      case SIGHUP:
        end(exit_code::signalled + SIGHUP);
        break;
      case SIGTSTP:
        stop_for_a_while();
        break;
      case SIGCONT:
        take_again();
        break;
      default:
        draw();
    }
  }
}

void top_session::stop_for_a_while() {
  if (ended_) return;
  screen_->leave();
  // Without a handler it stops this process, here; it goes on after SIGCONT. Where nobody could
  // send that (no shell that knows of jobs), the system ignores it.
  signals_.remove(SIGTSTP);
  (void)raise(SIGTSTP);
  signals_.add(SIGTSTP);
  take_again();
}

void top_session::take_again() {
  if (ended_) return;
  screen_->enter();
  draw();
}

asio::awaitable<void> top_session::keep_reading() {
  while (!ended_) {
    if (!model_.paused()) {
      const auto read = co_await feed_.read();
      if (!read && !read.error().passing) {
        end(read.error().exit_code, read.error().text);
        co_return;
      }
      draw();
    }
    const auto next = model_.paused() ? top_feed::clock::duration{paused_wait}
                                      : feed_.until_next(model_.interval());
    co_await wait_to_read(next);
  }
}

asio::awaitable<void> top_session::wait_to_read(top_feed::clock::duration at_most) {
  if (!std::exchange(read_now_, false)) {
    boost::system::error_code ignored;
    reading_.expires_after(at_most);
    co_await reading_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    read_now_ = false;
  }
}

void top_session::read_now() {
  read_now_ = true;
  reading_.cancel();
}

asio::awaitable<void> top_session::keep_drawing() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    timer.expires_after(redraw_interval);
    co_await timer.async_wait(asio::use_awaitable);
    draw();
  }
}

void top_session::handle(const terminal::key& pressed) {
  const auto interval = model_.interval();
  switch (model_.press(pressed)) {
    case top::wish::quit:
      end(exit_code::ok);
      break;
    case top::wish::read_now:
      read_now();
      break;
    case top::wish::redraw:
      screen_->enter();
      break;
    case top::wish::nothing:
      if (model_.interval() != interval) read_now();
  }
}

void top_session::draw() {
  if (ended_) return;
  const auto room = screen_->room();
  (void)screen_->draw(model_.draw(feed_.seen(), room));
}

void top_session::end(int exit_code, std::string complaint) {
  if (std::exchange(ended_, true)) return;
  // At once: a second signal ends the process without any further thought.
  screen_->leave();
  exit_code_ = exit_code;
  complaint_ = std::move(complaint);
  over_.cancel();
}

}  // namespace ingestor::app
