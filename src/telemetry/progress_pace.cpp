#include "telemetry/progress_pace.hpp"

#include <algorithm>

namespace ingestor::telemetry {
namespace {

double seconds_between(progress_pace::time_point from, progress_pace::time_point to) {
  return std::chrono::duration<double>{to - from}.count();
}

}  // namespace

const pace& progress_pace::see(std::uint64_t rows, double share, time_point now) {
  if (!looks_.empty() && now - looks_.back().at < look_interval) return now_;
  believe(share, now);
  looks_.push_back({now, rows, share});
  while (looks_.size() > 2 && now - looks_[1].at >= span) looks_.pop_front();
  const auto& first = looks_.front();
  const auto seconds = seconds_between(first.at, now);
  const auto grown = rows - std::min(rows, first.rows);
  now_.rows_per_second = seconds > 0 ? static_cast<double>(grown) / seconds : 0;
  return now_;
}

void progress_pace::believe(double share, time_point now) {
  if (looks_.empty()) return;
  const auto& first = looks_.front();
  const auto seconds = seconds_between(first.at, now);
  const auto grown = share - first.share;
  if (share >= 1 || grown <= 0) {
    now_.seconds_left.reset();
    return;
  }
  if (now - first.at < seen_min) return;
  const auto left = (1 - share) / (grown / seconds);
  if (!now_.seconds_left) {
    now_.seconds_left = left;
    return;
  }
  const auto passed = seconds_between(looks_.back().at, now);
  const auto expected = std::max(*now_.seconds_left - passed, 0.0);
  const auto weight = std::min(passed / std::chrono::duration<double>{belief}.count(), 1.0);
  now_.seconds_left = expected + (left - expected) * weight;
}

}  // namespace ingestor::telemetry
