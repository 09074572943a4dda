// Decisions about files, as functions of their arguments.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace ingestor::ledger {

/// However often a file has failed, it waits no longer than this for its next attempt.
inline constexpr std::chrono::milliseconds retry_backoff_max = std::chrono::hours{1};

struct retry_terms {
  /// The wait after the first failure; it doubles with each further one.
  std::chrono::milliseconds backoff{};
  std::int32_t attempts_max = 1;
};

/// How long a file waits that has now failed `attempts` times (1 after its first failure); nothing
/// when it stays failed until somebody asks for a retry.
std::optional<std::chrono::milliseconds> next_attempt_after(std::int32_t attempts,
                                                            const retry_terms& terms);

}  // namespace ingestor::ledger
