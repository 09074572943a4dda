#include "s3/proto/retry.hpp"

#include <algorithm>

namespace ingestor::s3::proto {
namespace {

/// base * 2^(attempt - 1), without overflow.
std::chrono::milliseconds ceiling_of(const retry_policy& policy, int attempt) {
  auto ceiling = policy.backoff_base;
  for (int i = 1; i < attempt && ceiling < policy.backoff_max; ++i) ceiling *= 2;
  return std::min(ceiling, policy.backoff_max);
}

}  // namespace

std::optional<std::chrono::milliseconds> wait_before_retry(const retry_policy& policy, int attempt,
                                                           const error& failure, double jitter) {
  if (!failure.transient() || attempt >= policy.attempts_max) return std::nullopt;
  const auto ceiling = static_cast<double>(ceiling_of(policy, attempt).count());
  std::chrono::milliseconds wait{static_cast<std::chrono::milliseconds::rep>(ceiling * jitter)};
  if (failure.retry_after) {
    const auto seconds_max = std::chrono::ceil<std::chrono::seconds>(policy.backoff_max);
    const std::chrono::milliseconds asked{std::min(*failure.retry_after, seconds_max)};
    wait = std::max(wait, std::min(asked, policy.backoff_max));
  }
  return wait;
}

std::optional<int> retry_budget::take(const error& failure) {
  const int cost = failure.kind == error_kind::timeout ? timeout_cost : retry_cost;
  if (left_ < cost) return std::nullopt;
  left_ -= cost;
  return cost;
}

void retry_budget::succeeded(int taken) {
  left_ = std::min(capacity, left_ + std::max(taken, success_gain));
}

}  // namespace ingestor::s3::proto
