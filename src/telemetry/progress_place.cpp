#include "telemetry/progress_place.hpp"

#include "config/environment.hpp"
#include "telemetry/log.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace ingestor::telemetry {

std::optional<std::size_t> terminal_columns(int fd) {
  winsize size{};
  if (isatty(fd) == 0 || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  const auto kind = config::process_environment()("TERM").value_or("");
  if (kind.empty() || kind == "dumb") return std::nullopt;
  return size.ws_col;
}

progress_place::progress_place(log& to, width columns) : to_{to}, columns_{std::move(columns)} {}

progress_place::~progress_place() {
  clear();
}

progress_place::due progress_place::next(time_point now) {
  const auto columns = columns_();
  const std::chrono::milliseconds interval = columns ? redraw_interval : line_interval;
  if (!last_) last_ = columns ? now - interval : now;
  if (now - *last_ < interval) return due::nothing;
  last_ = now;
  if (!columns) return due::log_line;
  // In the last column the cursor would be about to leave the line.
  room_ = *columns - 1;
  return due::drawing;
}

void progress_place::draw(std::string_view line) {
  to_.show_status(line);
  drawn_ = true;
}

void progress_place::clear() {
  if (std::exchange(drawn_, false)) to_.show_status({});
}

}  // namespace ingestor::telemetry
