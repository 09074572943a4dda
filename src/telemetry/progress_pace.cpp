#include "telemetry/progress_pace.hpp"

#include <algorithm>

namespace ingestor::telemetry {
namespace {

using seconds = std::chrono::duration<double>;

}  // namespace

const pace& progress_pace::see(std::uint64_t rows, std::uint64_t done, std::uint64_t total,
                               steady_time now) {
  if (looked_ && now - *looked_ < look_interval) return now_;
  if (!looked_ || total != total_) begin(total, now);
  rows_.add(now, static_cast<double>(rows));
  done_.add(now, static_cast<double>(done));
  looked_ = now;
  now_.rows_per_second = rows_.per_second();
  const auto speed = done_.per_second();
  if (done >= total || speed <= 0) {
    now_.seconds_left.reset();
  } else if (now - began_ >= seen_min) {
    believe(static_cast<double>(total - done) / speed);
  }
  return now_;
}

// The same work by another measure.
void progress_pace::begin(std::uint64_t total, steady_time now) {
  total_ = total;
  began_ = now;
  done_ = {};
  now_.seconds_left.reset();
}

void progress_pace::believe(double left) {
  if (!now_.seconds_left) {
    now_.seconds_left = left;
    return;
  }
  constexpr auto passed = seconds{look_interval}.count();
  constexpr auto weight = passed / seconds{belief}.count();
  const auto expected = std::max(*now_.seconds_left - passed, 0.0);
  now_.seconds_left = expected + (left - expected) * weight;
}

}  // namespace ingestor::telemetry
