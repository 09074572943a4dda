#include "pg/fsm/pool_policy.hpp"

#include <algorithm>

namespace ingestor::pg::fsm {

pool_action next_action(const pool_counts& counts) {
  if (counts.closing) {
    if (counts.waiting > 0) return pool_action::refuse_first;
    return counts.idle > 0 ? pool_action::close_idle : pool_action::none;
  }
  if (counts.waiting == 0) return pool_action::none;
  if (counts.idle > 0) return pool_action::lease_idle;
  const bool room = counts.idle + counts.in_use + counts.connecting + counts.retiring < counts.size;
  const bool enough_under_way = counts.connecting >= counts.waiting;
  const bool one_at_a_time = counts.failures > 0 && counts.connecting > 0;
  if (!room || enough_under_way || one_at_a_time || counts.backing_off) return pool_action::none;
  return pool_action::connect;
}

std::chrono::steady_clock::duration backoff(unsigned failures,
                                            std::chrono::steady_clock::duration least,
                                            std::chrono::steady_clock::duration most,
                                            double random) {
  // Compared before it is doubled, so that no number of failures overflows.
  auto pause = std::min(least, most);
  for (unsigned i = 1; i < failures && pause < most; ++i)
    pause = pause > most / 2 ? most : pause * 2;
  const auto half = pause / 2;
  const auto rest = std::chrono::duration<double>{pause - half} * std::clamp(random, 0.0, 1.0);
  return half + std::chrono::duration_cast<std::chrono::steady_clock::duration>(rest);
}

}  // namespace ingestor::pg::fsm
