// Shows progress on stderr while `once` runs: a bar that is redrawn in place on a terminal, a log
// line now and then elsewhere.
#pragma once

#include "telemetry/progress.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

namespace ingestor::telemetry {

class log;

/// Columns of the terminal behind a descriptor; nullopt where it is none, or of unknown width.
std::optional<std::size_t> terminal_columns(int fd);

class progress_display {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using width = std::function<std::optional<std::size_t>()>;

  static constexpr std::chrono::milliseconds redraw_interval{100};
  static constexpr std::chrono::seconds line_interval{5};

  /// `columns` is asked at each redraw, since windows change; nullopt: plain lines. `to` must
  /// outlive the display.
  progress_display(log& to, width columns);
  ~progress_display();
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;

  /// Call it as often as there is news: it shows no more than the intervals allow.
  void update(const progress& current, time_point now);

  /// Leaves the terminal as it was.
  void clear();

 private:
  void draw(const progress& current, std::size_t columns);
  void write_line(const progress& current);

  log& to_;
  width columns_;
  bool drawn_ = false;
  std::optional<time_point> last_;
};

}  // namespace ingestor::telemetry
