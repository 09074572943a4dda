// How fast a work goes now, from what was seen of it in the last seconds.
#pragma once

#include "telemetry/recent.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace ingestor::telemetry {

struct pace {
  double rows_per_second = 0;
  /// If it goes on so; nullopt while that would be a guess.
  std::optional<double> seconds_left = std::nullopt;
};

class progress_pace {
 public:
  /// Between two looks: figures that change more often cannot be read.
  static constexpr std::chrono::milliseconds look_interval{500};
  /// How long it takes until a change of speed is believed, so that the time left does not jump.
  static constexpr std::chrono::seconds belief{8};
  /// No time left is told before so much has been seen.
  static constexpr std::chrono::seconds seen_min{2};

  /// Call it as often as there is news. `done` and `total` are in any unit; a total of 0 is not
  /// known yet.
  const pace& see(std::uint64_t rows, std::uint64_t done, std::uint64_t total, steady_time now);

 private:
  void begin(std::uint64_t total, steady_time now);
  void believe(double left);

  recent_rate rows_;
  recent_rate done_;
  std::uint64_t total_ = 0;
  steady_time began_;
  std::optional<steady_time> looked_;
  pace now_;
};

}  // namespace ingestor::telemetry
