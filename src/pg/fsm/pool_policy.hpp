// What a pool of connections does next, as a function of a few integers.
#pragma once

#include <chrono>
#include <cstddef>

namespace ingestor::pg::fsm {

struct pool_counts {
  /// The most connections there may be, in whatever state.
  std::size_t size = 0;
  std::size_t idle = 0;
  std::size_t in_use = 0;
  std::size_t connecting = 0;
  /// On their way out; the server still has them.
  std::size_t retiring = 0;
  /// Callers in the queue.
  std::size_t waiting = 0;
  /// Attempts in a row that failed, those of one burst counted once; 0 after a success.
  unsigned failures = 0;
  /// The pause after a failed attempt is not over.
  bool backing_off = false;
  bool closing = false;
};

enum class pool_action {
  none,
  lease_idle,    ///< the first in the queue gets an idle connection
  connect,       ///< begin one attempt
  refuse_first,  ///< the first in the queue is told that the pool closes
  close_idle,    ///< close one idle connection
};

/// Asked again until it says none.
///
/// Connections are made only for callers that wait. While attempts fail there is one at a time for
/// the whole pool: a database that comes up is not met by a crowd.
pool_action next_action(const pool_counts& counts);

/// The pause after the `failures`th failure in a row (from 1): doubling from `least`, never above
/// `most`, between half and all of it by `random` (0 to 1), so that replicas do not come in step.
std::chrono::steady_clock::duration backoff(unsigned failures,
                                            std::chrono::steady_clock::duration least,
                                            std::chrono::steady_clock::duration most,
                                            double random);

}  // namespace ingestor::pg::fsm
