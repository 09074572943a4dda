// The end of the log: the only code that writes to stderr once the program runs.
#pragma once

#include "telemetry/fd_writer.hpp"

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace ingestor::telemetry {

/// Runs on the log's own thread. Besides lines it takes the status line of a terminal: a line
/// without an end, kept below all others: each log line clears it, is written, and has it drawn
/// again, so neither tears the other.
class log_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// Messages of the logger with this name replace the status line; all others are log lines.
  static constexpr const char* status_logger = "status";

  explicit log_sink(int fd) : writer_{fd} {}

  /// Lines that the descriptor did not take.
  std::uint64_t lost() const { return lost_; }

  /// Whether so many messages, of both kinds and since the beginning, are through by then.
  bool wait_for_handled(std::uint64_t messages, std::chrono::milliseconds within);

  void close_within(std::chrono::milliseconds within) { writer_.close_within(within); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}
  void write_line(std::string_view line);
  void replace_status(std::string_view line);

  fd_writer writer_;
  std::string status_;
  std::atomic<std::uint64_t> lost_{0};
  std::mutex handled_mutex_;
  std::condition_variable handled_grew_;
  std::uint64_t handled_ = 0;
};

}  // namespace ingestor::telemetry
