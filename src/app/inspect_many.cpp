#include "app/inspect_many.hpp"

#include "app/configuration.hpp"
#include "app/exit_code.hpp"
#include "app/inspection_report.hpp"
#include "ingest/inspect_survey.hpp"
#include "telemetry/figures.hpp"
#include "telemetry/log.hpp"
#include "telemetry/progress_display.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <unistd.h>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

/// For the log to be written before the result is.
constexpr std::chrono::seconds log_written_max{1};
/// The same when a second signal ends the process.
constexpr std::chrono::milliseconds last_words_max{200};

telemetry::progress progress_of(const ingest::survey& seen) {
  telemetry::progress now{};
  now.files_done = seen.files_read + seen.files_unreadable;
  now.files_failed = seen.files_unreadable;
  now.objects_listed = seen.files_listed;
  now.rows = seen.rows_seen;
  if (!seen.listed_all) return now;
  now.files_total = seen.files_listed;
  now.bytes_done = seen.bytes_taken;
  now.bytes_total = seen.bytes_listed;
  return now;
}

asio::awaitable<void> show_progress(telemetry::log& log, const ingest::survey& seen) {
  const auto width = [] { return telemetry::terminal_columns(STDERR_FILENO); };
  telemetry::progress_display display{log, width};
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    timer.expires_after(telemetry::progress_place::redraw_interval);
    co_await timer.async_wait(asio::use_awaitable);
    display.update(progress_of(seen), clock::now());
  }
}

int end_of(const ingest::survey& seen, const std::optional<ingest::failure>& why, int signal_number,
           const inspect_command& options) {
  if (why) {
    complain(options.uri + " cannot be read: " + why->text);
    return why->kind == ingest::failure_kind::s3 ? exit_code::unreachable : exit_code::failed;
  }
  const auto done = seen.files_read + seen.files_unreadable;
  if (signal_number != 0) {
    const auto of = seen.listed_all ? " of " + telemetry::with_separators(seen.files_listed) : "";
    complain("stopped by a signal after " + telemetry::with_separators(done) + of + " files");
    return exit_code::signalled + signal_number;
  }
  if (done == 0) {
    complain("there is no file below " + options.uri);
    return exit_code::failed;
  }
  return seen.files_unreadable == 0 ? exit_code::ok : exit_code::failed;
}

}  // namespace

asio::awaitable<int> inspect_many(event_loop& loop, ingest::file_walk& walk,
                                  const config::settings& settings,
                                  const inspect_command& options) {
  const auto executor = co_await asio::this_coro::executor;
  const auto start = clock::now();
  telemetry::log log{log_options_of(settings)};
  const auto terms = ingest::decoder_terms_of(settings);
  ingest::surveyor reading{executor, walk, terms, options.rows};
  int signal_number = 0;
  loop.on_first_signal([&](int number) {
    signal_number = number;
    reading.stop();
  });
  loop.on_second_signal([&] {
    log.show_status({});
    (void)log.flush(last_words_max);
  });
  std::optional<ingest::failure> why;
  {
    ingest::task_group display{executor};
    display.spawn(show_progress(log, reading.seen()));
    why = co_await reading.run();
    display.cancel();
    co_await display.join();
  }
  (void)log.flush(log_written_max);
  const std::chrono::duration<double> lasted = clock::now() - start;
  const auto& seen = reading.seen();
  bool told = true;
  if (seen.files_read + seen.files_unreadable > 0) {
    told = print(options.json ? as_json(seen) + "\n" : as_readable(seen, lasted.count()));
  }
  const auto code = end_of(seen, why, signal_number, options);
  co_return told ? code : exit_code::failed;
}

}  // namespace ingestor::app
