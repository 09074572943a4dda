#include "telemetry/log.hpp"

#include "telemetry/log_sink.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <csignal>
#include <utility>

namespace ingestor::telemetry {
namespace {

/// Signals belong to the loop's thread. SIGPIPE, when nobody reads the log any more, becomes an
/// error of write(2).
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

spdlog::level::level_enum spdlog_level(log_level level) {
  switch (level) {
    case log_level::error:
      return spdlog::level::err;
    case log_level::warn:
      return spdlog::level::warn;
    case log_level::info:
      return spdlog::level::info;
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::trace:
      return spdlog::level::trace;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::async_logger> make_logger(
    const char* name, const std::shared_ptr<log_sink>& sink,
    const std::shared_ptr<spdlog::details::thread_pool>& worker) {
  auto out = std::make_shared<spdlog::async_logger>(name, sink, worker,
                                                    spdlog::async_overflow_policy::overrun_oldest);
  out->set_level(spdlog::level::trace);
  return out;
}

}  // namespace

log::log(log_options options)
    : options_{std::move(options)},
      repeats_{options_.same_message_per_second_max},
      sink_{std::make_shared<log_sink>(options_.fd)},
      worker_{std::make_shared<spdlog::details::thread_pool>(options_.queue_lines_max, 1,
                                                             block_signals)},
      lines_{make_logger("log", sink_, worker_)},
      status_{make_logger(log_sink::status_logger, sink_, worker_)} {}

log::~log() {
  if (status_shown_) show_status({});
  report_hidden(repeat_limit::time_point::max());
  report_dropped();
  sink_->close_within(options_.close_within);
  // The loggers hold the queue weakly; the worker writes what is queued, then its thread ends.
  worker_.reset();
}

void log::write(log_level level, std::string_view message, std::span<const field> fields) {
  if (!shows(level)) return;
  const auto now = std::chrono::steady_clock::now();
  report_hidden(now);
  report_dropped();
  if (level < log_level::debug && !repeats_.admit(message, now)) return;
  enqueue(level, message, fields);
}

void log::enqueue(log_level level, std::string_view message, std::span<const field> fields) {
  const log_line line{level, message, fields};
  const auto at = options_.now();
  const auto text = options_.format == log_format::json ? format_json(line, at, options_.everywhere)
                                                        : format_readable(line, at);
  ++enqueued_;
  lines_->log(spdlog_level(level), spdlog::string_view_t{text.data(), text.size()});
}

void log::report_hidden(repeat_limit::time_point now) {
  for (const auto& [kind, lines, seconds] : repeats_.take_hidden(now)) {
    const field fields[] = {{"message", kind}, {"lines", lines}, {"within_seconds", seconds}};
    enqueue(log_level::warn, "lines not shown", fields);
  }
}

void log::report_dropped() {
  // Only what a slow reader has missed: one that is gone would miss this line, too. And only once
  // there is room again: before that it would push out another line.
  const auto missed = worker_->overrun_counter();
  if (missed == missed_reported_ || worker_->queue_size() > options_.queue_lines_max / 2) return;
  missed_reported_ = missed;
  // The sum since the start, because this line may be dropped like any other.
  const field fields[] = {{"lines_since_start", dropped()}};
  enqueue(log_level::warn, "log lines dropped: nobody read them", fields);
}

void log::show_status(std::string_view line) {
  status_shown_ = !line.empty();
  ++enqueued_;
  status_->log(spdlog::level::info, spdlog::string_view_t{line.data(), line.size()});
}

bool log::flush(std::chrono::milliseconds within) {
  report_hidden(repeat_limit::time_point::max());
  report_dropped();
  return sink_->wait_for_handled(enqueued_ - worker_->overrun_counter(), within);
}

std::uint64_t log::dropped() const {
  return worker_->overrun_counter() + sink_->lost();
}

}  // namespace ingestor::telemetry
