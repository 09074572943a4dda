// The program's log, to stderr or another descriptor.
#pragma once

#include "telemetry/log_line.hpp"
#include "telemetry/repeat_limit.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace spdlog {
class async_logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace ingestor::telemetry {

class log_sink;

struct log_options {
  log_level level = log_level::info;
  log_format format = log_format::readable;
  /// For lines as JSON; see log_line.hpp.
  std::string everywhere = {};
  int fd = 2;
  /// Lines that wait to be written. When the reader of the log is slower than the log, the oldest
  /// of them are dropped and counted. At about 400 bytes each, more for long lines, they are the
  /// log's memory.
  std::size_t queue_lines_max = 1024;
  /// Lines with the same message in one second; what is beyond is counted, and the count shown.
  /// Lines for debugging are not limited.
  std::uint64_t same_message_per_second_max = 100;
  /// How long the destructor waits for a slow reader.
  std::chrono::milliseconds close_within{1000};
  std::function<log_time()> now = [] {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  };
};

/// Lines are formatted by the caller's thread and written by one of the log's own, through a queue:
/// no call here waits for the descriptor, except flush() and the destructor, which have a limit.
/// All calls belong to one thread.
class log {
 public:
  explicit log(log_options options = {});
  /// Writes what is queued.
  ~log();
  log(const log&) = delete;
  log& operator=(const log&) = delete;

  bool shows(log_level level) const { return level <= options_.level; }

  /// `message` is a constant of the program, without anything that varies: that goes into fields.
  void write(log_level level, std::string_view message, std::span<const field> fields = {});
  void write(log_level level, std::string_view message, std::initializer_list<field> fields) {
    write(level, message, std::span{fields.begin(), fields.size()});
  }

  /// Puts a line without an end below the log, in place of the last one; empty: none. For terminals
  /// only, and shorter than one is wide.
  void show_status(std::string_view line);

  /// Whether all that was written before has left within the time.
  bool flush(std::chrono::milliseconds within);

  /// Lines that were dropped because nobody read them.
  std::uint64_t dropped() const;

 private:
  void enqueue(log_level level, std::string_view message, std::span<const field> fields);
  void report_hidden(repeat_limit::time_point now);
  void report_dropped();

  log_options options_;
  repeat_limit repeats_;
  std::uint64_t missed_reported_ = 0;
  /// Handed to the worker, lines and status lines.
  std::uint64_t enqueued_ = 0;
  bool status_shown_ = false;
  std::shared_ptr<log_sink> sink_;
  std::shared_ptr<spdlog::details::thread_pool> worker_;
  std::shared_ptr<spdlog::async_logger> lines_;
  std::shared_ptr<spdlog::async_logger> status_;
};

}  // namespace ingestor::telemetry
