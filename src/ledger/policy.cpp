#include "ledger/policy.hpp"

#include <algorithm>

namespace ingestor::ledger {

std::optional<std::chrono::milliseconds> next_attempt_after(std::int32_t attempts,
                                                            const retry_terms& terms) {
  if (attempts >= terms.attempts_max) return std::nullopt;
  auto wait = std::min(terms.backoff, retry_backoff_max);
  for (std::int32_t failure = 1; failure < attempts && wait < retry_backoff_max; ++failure) {
    wait *= 2;
  }
  return std::min(wait, retry_backoff_max);
}

}  // namespace ingestor::ledger
