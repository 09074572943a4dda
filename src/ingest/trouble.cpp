#include "ingest/trouble.hpp"

#include <algorithm>

namespace ingestor::ingest {

trouble::trouble(telemetry::dependency what, telemetry::recorder& telemetry)
    : what_{what}, telemetry_{telemetry} {}

void trouble::failed(use tried, const std::string& error, std::chrono::milliseconds wait_max,
                     clock::time_point now) {
  const bool began = !active();
  failing(tried) = true;
  error_ = error;
  if (began) {
    began_ = now;
    failures_ = 0;
    told_.assign(1, error);
    if (now >= relapses_until_) backoff_ = backoff_min;
    telemetry_.record(telemetry::trouble_began{what_, error});
  } else {
    tell_once(error);
  }
  ++failures_;
  if (!began && now < next_try_) {
    // Another fetcher met the same failure; one wait serves both.
    return;
  }
  backoff_ = std::min(backoff_, wait_max);
  std::uniform_int_distribution<std::int64_t> spread{backoff_.count() / 2, backoff_.count()};
  next_try_ = now + std::chrono::milliseconds{spread(jitter_)};
  backoff_ = std::min(backoff_ * 2, wait_max);
}

void trouble::tell_once(const std::string& error) {
  if (told_.size() >= telemetry::errors_told_max || std::ranges::count(told_, error) > 0) return;
  told_.push_back(error);
  telemetry_.record(telemetry::trouble_changed{what_, error});
}

void trouble::recovered(use tried, clock::time_point now) {
  const bool was_active = active();
  failing(use::reach) = false;
  failing(tried) = false;
  if (!was_active || active()) return;
  const auto lasted = now - began_;
  ended_ += lasted;
  relapses_until_ = now + backoff_;
  const std::chrono::duration<double> seconds = lasted;
  telemetry_.record(telemetry::trouble_ended{what_, seconds.count(), failures_});
}

trouble::clock::duration trouble::lasting(clock::time_point now) const {
  return active() ? now - began_ : clock::duration::zero();
}

trouble::clock::duration trouble::in_all(clock::time_point now) const {
  return ended_ + lasting(now);
}

trouble::clock::duration trouble::wait(clock::time_point now) const {
  if (!active()) return clock::duration::zero();
  return std::max(next_try_ - now, clock::duration::zero());
}

}  // namespace ingestor::ingest
