#include "telemetry/fd_writer.hpp"

#include <cerrno>
#include <climits>
#include <poll.h>
#include <unistd.h>

namespace ingestor::telemetry {
namespace {

/// How soon a writer that waits notices that it is to close.
constexpr int poll_slice_ms = 50;

}  // namespace

bool fd_writer::write(std::string_view text) {
  while (!text.empty()) {
    if (!wait_for_room()) return false;
    const auto piece = text.substr(0, PIPE_BUF);
    const auto written = ::write(fd_, piece.data(), piece.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return false;
    }
  }
  return true;
}

bool fd_writer::wait_for_room() const {
  pollfd entry{.fd = fd_, .events = POLLOUT, .revents = 0};
  for (;;) {
    // Once it is closed, each of what may be a thousand lines gets no more than one look.
    const bool closed = clock::now().time_since_epoch() >= closes_at_.load();
    const int ready = poll(&entry, 1, closed ? 0 : poll_slice_ms);
    if (ready > 0) return (entry.revents & (POLLERR | POLLNVAL)) == 0;
    if (closed || (ready < 0 && errno != EINTR)) return false;
  }
}

void fd_writer::close_within(std::chrono::milliseconds within) {
  closes_at_.store((clock::now() + within).time_since_epoch());
}

}  // namespace ingestor::telemetry
