// Figures about the last seconds. Times are given, so that a test chooses them. No allocation.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace ingestor::telemetry {

using steady_time = std::chrono::steady_clock::time_point;

/// How fast a total has grown over the last samples.
class recent_rate {
 public:
  static constexpr std::size_t samples_max = 11;

  /// `total` never falls.
  void add(steady_time at, double total);

  /// 0 until there are two samples.
  double per_second() const;

 private:
  struct sample {
    steady_time at;
    double total = 0;
  };

  std::array<sample, samples_max> samples_{};
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

/// The largest value of the last minute, in steps of a second.
class recent_maximum {
 public:
  static constexpr std::size_t seconds_kept = 60;

  void add(steady_time at, double value);
  double value(steady_time now) const;

 private:
  static long second_of(steady_time at) {
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
  }

  struct second_maximum {
    long second = -1;
    double value = 0;
  };

  std::array<second_maximum, seconds_kept> seconds_{};
};

}  // namespace ingestor::telemetry
