// Writes to a file descriptor without ever waiting on it for longer than it is told to.
#pragma once

#include <atomic>
#include <chrono>
#include <string_view>

namespace ingestor::telemetry {

/// O_NONBLOCK would change the descriptor for every process that shares it (the shell behind a
/// terminal), so each piece is written only when poll(2) says that there is room, and no piece is
/// larger than what a pipe with room takes at once (PIPE_BUF).
class fd_writer {
 public:
  /// Does not own the descriptor.
  explicit fd_writer(int fd) : fd_{fd} {}

  /// Waits for room as long as may be; false when the descriptor is broken or the writer closed
  /// in the meantime, and then part of the text may be written.
  bool write(std::string_view text);

  /// From now on writes share what is left of `within`; may be called while another thread writes.
  void close_within(std::chrono::milliseconds within);

 private:
  using clock = std::chrono::steady_clock;

  bool wait_for_room() const;

  int fd_;
  std::atomic<clock::duration> closes_at_{clock::duration::max()};
};

}  // namespace ingestor::telemetry
