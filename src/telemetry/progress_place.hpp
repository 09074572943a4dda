// Where progress is shown: a line on a terminal that is drawn again in place, log lines now and
// then elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace ingestor::telemetry {

class log;

/// Columns of the terminal behind a descriptor; nullopt where it is none, or of unknown width, or
/// where TERM says that it can do no more than print (`dumb`, or nothing at all).
std::optional<std::size_t> terminal_columns(int fd);

class progress_place {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using width = std::function<std::optional<std::size_t>()>;

  static constexpr std::chrono::milliseconds redraw_interval{100};
  static constexpr std::chrono::seconds line_interval{5};

  enum class due { nothing, drawing, log_line };

  /// `columns` is asked at each redraw, since windows change; nullopt: log lines. `to` must outlive
  /// this.
  progress_place(log& to, width columns);
  ~progress_place();
  progress_place(const progress_place&) = delete;
  progress_place& operator=(const progress_place&) = delete;

  /// What to show at this time, as the intervals allow it. What is due is expected to be shown.
  due next(time_point now);
  /// How wide a drawing may be, as of the last next().
  std::size_t columns() const { return room_; }

  /// One line of at most columns(), all ASCII.
  void draw(std::string_view line);
  log& lines() const { return to_; }

  /// Leaves the terminal as it was.
  void clear();

 private:
  log& to_;
  width columns_;
  std::size_t room_ = 0;
  bool drawn_ = false;
  std::optional<time_point> last_;
};

}  // namespace ingestor::telemetry
