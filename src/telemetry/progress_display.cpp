#include "telemetry/progress_display.hpp"

#include "telemetry/figures.hpp"
#include "telemetry/log.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ingestor::telemetry {

std::optional<std::size_t> terminal_columns(int fd) {
  winsize size{};
  if (isatty(fd) == 0 || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

progress_display::progress_display(log& to, width columns)
    : to_{to}, columns_{std::move(columns)} {}

progress_display::~progress_display() {
  clear();
}

void progress_display::update(const progress& current, time_point now) {
  const auto columns = columns_();
  const auto interval = columns ? redraw_interval : line_interval;
  if (!last_) last_ = columns ? now - interval : now;
  if (now - *last_ < interval) return;
  last_ = now;
  if (columns) {
    draw(current, *columns);
  } else {
    write_line(current);
  }
}

void progress_display::draw(const progress& current, std::size_t columns) {
  // A line as wide as the terminal would leave the cursor on the next one.
  to_.show_status(progress_bar(current, columns - 1));
  drawn_ = true;
}

void progress_display::write_line(const progress& current) {
  std::vector<field> fields{{"files_done", current.files_done},
                            {"files_total", current.files_total},
                            {"files_failed", current.files_failed},
                            {"rows", current.rows},
                            {"rows_per_second", per_second(current.rows, current.seconds)}};
  if (const auto left = time_left(current)) fields.push_back({"seconds_left", *left});
  to_.write(log_level::info, "progress", fields);
}

void progress_display::clear() {
  if (std::exchange(drawn_, false)) to_.show_status({});
}

}  // namespace ingestor::telemetry
