// When to ask again: bounded attempts, exponential backoff with full jitter, and a budget that all
// requests of the process share, so that retries cannot multiply the load of a server that fails.
//
// Source: AWS SDKs and Tools Reference Guide, "Retry behavior" (standard mode); AWS Architecture
// Blog, "Exponential Backoff And Jitter".
#pragma once

#include "s3/proto/error.hpp"

#include <chrono>
#include <optional>

namespace ingestor::s3::proto {

struct retry_policy {
  /// Requests in all, the first included; 1 means no retries.
  int attempts_max = 3;
  /// The upper bound of the first wait; it doubles with each further one.
  std::chrono::milliseconds backoff_base{100};
  /// No wait is longer, whatever Retry-After says.
  std::chrono::milliseconds backoff_max{20'000};
};

/// How long to wait before the next attempt, or nothing: give up. `attempt` is the number of the
/// one that has just failed, from 1; `jitter` a random number of [0, 1). A Retry-After of the
/// server's is the least wait.
std::optional<std::chrono::milliseconds> wait_before_retry(const retry_policy& policy, int attempt,
                                                           const error& failure, double jitter);

/// Retries take from it and successes put back, so that a server that fails most requests gets
/// hardly more of them than there are first attempts.
class retry_budget {
 public:
  /// The SDKs' figures, in tokens.
  static constexpr int capacity = 500;
  static constexpr int retry_cost = 5;
  /// A request that timed out has cost the server more.
  static constexpr int timeout_cost = 10;
  static constexpr int success_gain = 1;

  /// What the retry costs; nothing when the budget is spent, and it must not be made.
  std::optional<int> take(const error& failure);

  /// A request succeeded, for whose last retry `taken` had been taken; 0 when it was the first
  /// attempt.
  void succeeded(int taken);

  int left() const { return left_; }

 private:
  int left_ = capacity;
};

}  // namespace ingestor::s3::proto
