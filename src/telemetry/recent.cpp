#include "telemetry/recent.hpp"

#include <algorithm>

namespace ingestor::telemetry {

void recent_rate::add(steady_time at, double total) {
  samples_.at((begin_ + size_) % samples_max) = {at, total};
  if (size_ < samples_max) {
    ++size_;
  } else {
    begin_ = (begin_ + 1) % samples_max;
  }
}

double recent_rate::per_second() const {
  if (size_ < 2) return 0;
  const auto& first = samples_.at(begin_);
  const auto& last = samples_.at((begin_ + size_ - 1) % samples_max);
  const std::chrono::duration<double> passed = last.at - first.at;
  return passed.count() > 0 ? (last.total - first.total) / passed.count() : 0;
}

void recent_maximum::add(steady_time at, double value) {
  const auto second = second_of(at);
  auto& in = seconds_.at(static_cast<std::size_t>(second) % seconds_kept);
  if (in.second != second) in = {second, 0};
  in.value = std::max(in.value, value);
}

double recent_maximum::value(steady_time now) const {
  const auto oldest = second_of(now) - static_cast<long>(seconds_kept);
  double most = 0;
  for (const auto& in : seconds_) {
    if (in.second > oldest) most = std::max(most, in.value);
  }
  return most;
}

}  // namespace ingestor::telemetry
