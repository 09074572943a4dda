#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/top_feed.hpp"
#include "app/top_session.hpp"
#include "top/model.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <optional>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::chrono::seconds terminal_interval = 2s;
/// How often a pipe that is full is looked at.
constexpr auto full_pipe_interval = 50ms;

std::string variable(const char* name) {
  return config::process_environment()(name).value_or("");
}

/// Never waits in write(2), where a signal would not be heard: a pipe that has room takes PIPE_BUF
/// bytes at once.
asio::awaitable<bool> write_out(std::string text) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  std::string_view left = text;
  while (!left.empty()) {
    pollfd ready{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
    if (poll(&ready, 1, 0) == 0) {
      timer.expires_after(full_pipe_interval);
      co_await timer.async_wait(asio::use_awaitable);
      continue;
    }
    const auto piece = left.substr(0, PIPE_BUF);
    const auto written = write(STDOUT_FILENO, piece.data(), piece.size());
    if (written > 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      complain("cannot write to stdout");
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<int> end_of(refusal why) {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (!interrupted(state)) complain(why.text);
  co_return why.exit_code;
}

/// One report, or one each interval. Trouble in the middle is told once.
asio::awaitable<int> report(top_feed& feed, std::optional<std::chrono::seconds> interval,
                            const terminal::glyphs& how) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  bool told = false;
  for (bool first = true;; first = false) {
    if (!first) {
      timer.expires_after(std::max<top_feed::clock::duration>(feed.until_next(*interval), 0s));
      co_await timer.async_wait(asio::use_awaitable);
      const auto read = co_await feed.read();
      if (!read) {
        auto why = read.error();
        if (!why.passing) co_return co_await end_of(std::move(why));
        if (!std::exchange(told, true)) complain(why.text);
        continue;
      }
    }
    told = false;
    auto text = (first ? "" : "\n") + top::plain_text(feed.seen(), how);
    if (!co_await write_out(std::move(text))) co_return exit_code::failed;
    if (!interval) co_return exit_code::ok;
  }
}

/// On the screen; in plain text where that cannot be used, and why has been told.
asio::awaitable<int> show(event_loop& loop, top_feed& feed, const top_command& options) {
  const auto how = terminal::glyphs_of_locale();
  std::optional<std::string> refused;
  {
    top_session session{loop, feed, top::model{how, options.interval.value_or(terminal_interval)}};
    const bool colours = variable("NO_COLOR").empty();
    auto taken = session.take_screen({variable("TERM"), colours, how});
    if (taken) co_return co_await session.run();
    refused = taken.error();
  }
  complain(*refused + "; this is plain text instead");
  co_return co_await report(feed, options.interval, how);
}

asio::awaitable<int> look(event_loop& loop, const config::settings& settings,
                          const top_command& options) {
  top_feed feed{settings};
  const auto read = co_await feed.read();
  if (!read) {
    auto why = read.error();
    co_return co_await end_of(std::move(why));
  }
  int code = exit_code::ok;
  if (!options.once && isatty(STDOUT_FILENO) != 0) {
    code = co_await show(loop, feed, options);
  } else {
    const auto how = terminal::glyphs_of_utf8();
    code = co_await report(feed, options.interval, how);
  }
  co_await feed.close();
  co_return code;
}

}  // namespace

int execute(const top_command& options) {
  config::needs needs{};
  needs.s3 = config::s3_need::scope;
  const auto settings = load_settings(needs);
  if (!settings) return exit_code::usage;
  const bool lasts = options.interval || (!options.once && isatty(STDOUT_FILENO) != 0);
  event_loop loop{lasts ? on_signal::stops : on_signal::interrupts};
  return loop.run(look(loop, *settings, options));
}

}  // namespace ingestor::app
