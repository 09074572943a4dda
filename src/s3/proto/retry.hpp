// When to ask again: bounded attempts, exponential backoff with full jitter.
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
  int attempts_max = 4;
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

}  // namespace ingestor::s3::proto
