#include "ingest/trouble.hpp"

#include <algorithm>

namespace ingestor::ingest {

trouble::trouble(telemetry::dependency what, telemetry::recorder& telemetry)
    : what_{what}, telemetry_{telemetry} {}

void trouble::failed(const std::string& error) {
  const auto now = clock::now();
  error_ = error;
  if (!active_) {
    active_ = true;
    began_ = now;
    backoff_ = backoff_min;
    telemetry_.record(telemetry::trouble_began{what_, error});
  } else if (now < next_try_) {
    // Another fetcher met the same failure; one wait serves both.
    return;
  }
  std::uniform_int_distribution<std::int64_t> spread{backoff_.count() / 2, backoff_.count()};
  next_try_ = now + std::chrono::milliseconds{spread(jitter_)};
  backoff_ = std::min(backoff_ * 2, backoff_max);
}

void trouble::recovered() {
  if (!active_) return;
  active_ = false;
  const std::chrono::duration<double> lasted = clock::now() - began_;
  telemetry_.record(telemetry::trouble_ended{what_, lasted.count()});
}

trouble::clock::duration trouble::lasting() const {
  return active_ ? clock::now() - began_ : clock::duration::zero();
}

trouble::clock::duration trouble::wait() const {
  if (!active_) return clock::duration::zero();
  return std::max(next_try_ - clock::now(), clock::duration::zero());
}

}  // namespace ingestor::ingest
