// How fast a work goes now, from what was seen of it in the last seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace ingestor::telemetry {

struct pace {
  double rows_per_second = 0;
  /// If it goes on so; nullopt while that would be a guess.
  std::optional<double> seconds_left = std::nullopt;
};

class progress_pace {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Between two looks: figures that change more often cannot be read.
  static constexpr std::chrono::milliseconds look_interval{500};
  /// What happened before is history.
  static constexpr std::chrono::seconds span{10};
  /// How long it takes until a change of speed is believed, so that the time left does not jump.
  static constexpr std::chrono::seconds belief{8};
  /// No time left is told before so much has been seen.
  static constexpr std::chrono::seconds seen_min{2};

  /// Call it as often as there is news. `share` is from 0 to 1.
  const pace& see(std::uint64_t rows, double share, time_point now);

 private:
  struct look {
    time_point at;
    std::uint64_t rows;
    double share;
  };

  void believe(double share, time_point now);

  /// At most one each look_interval in the span, and one before it.
  std::deque<look> looks_;
  pace now_;
};

}  // namespace ingestor::telemetry
