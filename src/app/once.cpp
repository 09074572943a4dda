#include "app/assembly.hpp"
#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/presence.hpp"
#include "app/pulse.hpp"
#include "app/startup.hpp"
#include "ledger/figures.hpp"
#include "telemetry/events/lifecycle.hpp"
#include "telemetry/progress_display.hpp"
#include "telemetry/summary.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <string>
#include <unistd.h>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto figures_timeout = 10s;
/// For the log to be written when a second signal ends the process.
constexpr auto last_words_max = 200ms;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>{clock::now() - start}.count();
}

telemetry::progress progress_of(const ingest::service& service) {
  const auto& totals = service.totals();
  telemetry::progress now{};
  now.files_done = totals.files_completed + totals.files_failed;
  now.files_failed = totals.files_failed;
  now.files_total = totals.files_total;
  now.objects_listed = totals.objects_listed;
  now.rows = totals.rows_copied;
  now.bytes_done = totals.bytes_read;
  now.bytes_total = totals.bytes_total;
  if (service.database_trouble().active()) now.waits_for = "the database";
  if (service.s3_trouble().active()) now.waits_for = "S3";
  if (service.stopping()) now.waits_for = "what is under way";
  return now;
}

asio::awaitable<void> show_progress(assembly& parts) {
  const auto width = [] { return telemetry::terminal_columns(STDERR_FILENO); };
  telemetry::progress_display display{parts.log, width};
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    timer.expires_after(telemetry::progress_place::redraw_interval);
    co_await timer.async_wait(asio::use_awaitable);
    display.update(progress_of(parts.service), clock::now());
  }
}

telemetry::summary summary_of(const ingest::tally& totals, clock::time_point start) {
  telemetry::summary done{};
  done.files_completed = totals.files_completed;
  done.files_failed = totals.files_failed;
  done.rows = totals.rows;
  done.lines_rejected = totals.lines_rejected;
  done.bytes_compressed = totals.bytes_compressed;
  done.bytes_inflated = totals.bytes_inflated;
  done.files_overwritten = totals.objects_changed;
  done.seconds = seconds_since(start);
  return done;
}

// What this run did not wait for. When the database cannot be asked, the summary goes without.
asio::awaitable<void> add_left_over(assembly& parts, const config::settings& settings,
                                    telemetry::summary& done) {
  auto lease = co_await parts.control.lease(figures_timeout);
  if (!lease) co_return;
  const ledger::scope scope{settings.s3.bucket, settings.s3.prefix};
  const auto figures = co_await ledger::read_figures(**lease, scope);
  if (!figures) co_return;
  done.files_waiting = static_cast<std::uint64_t>(figures->waiting);
  done.files_given_up = static_cast<std::uint64_t>(figures->failed - figures->waiting);
  done.files_held_elsewhere = static_cast<std::uint64_t>(figures->processing);
}

asio::awaitable<int> ingest_once(event_loop& loop, assembly& parts,
                                 const config::settings& settings, const once_command& options) {
  const auto start = clock::now();
  int signal_number = 0;
  const auto ready = co_await start_up(parts, settings);
  if (!ready) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (!interrupted(state)) complain(ready.error().text);
    co_return ready.error().exit_code;
  }
  loop.on_first_signal([&](int number) {
    signal_number = number;
    parts.service.stop();
  });
  loop.on_second_signal([&] {
    parts.log.show_status({});
    (void)parts.log.flush(last_words_max);
  });

  std::string gave_up;
  {
    pulse beating{parts};
    presence self{parts, settings, beating};
    self.started();
    ingest::task_group watching{co_await asio::this_coro::executor};
    watching.spawn(beating.beat());
    watching.spawn(self.keep_reporting());
    watching.spawn(show_progress(parts));
    gave_up = co_await parts.service.once();
    watching.cancel();
    co_await watching.join();
    co_await self.leave();
  }
  auto done = summary_of(parts.service.totals(), start);
  co_await add_left_over(parts, settings, done);
  co_await parts.close();
  (void)parts.log.flush(1s);
  const bool told =
      print(options.json ? telemetry::summary_json(done) : telemetry::summary_text(done));
  if (!gave_up.empty()) {
    complain("gave up after five minutes: " + gave_up);
    co_return exit_code::unreachable;
  }
  if (signal_number != 0) {
    complain("stopped by a signal before everything was done");
    co_return exit_code::signalled + signal_number;
  }
  co_return done.files_failed > 0 || !told ? exit_code::failed : exit_code::ok;
}

}  // namespace

int execute(const once_command& options) {
  const auto settings = load_settings({});
  if (!settings) return exit_code::usage;
  event_loop loop;
  assembly parts{loop.executor(), *settings};
  return loop.run(ingest_once(loop, parts, *settings, options));
}

}  // namespace ingestor::app
