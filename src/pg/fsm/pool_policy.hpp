// What a pool of connections does next. The whole policy is here; time, chance and what was seen of
// each connection are arguments.
#pragma once

#include "pg/fsm/error.hpp"

#include <chrono>
#include <cstddef>
#include <span>

namespace ingestor::pg::fsm {

using pool_clock = std::chrono::steady_clock;

struct pool_limits {
  /// The most connections there may be, in whatever state.
  std::size_t size = 0;
  /// 0: they do not grow old.
  pool_clock::duration age_max{0};
  /// How long after the server's last answer a connection is lent without asking it first.
  pool_clock::duration idle_check_after{0};
};

/// A connection that nobody uses.
struct idle_connection {
  /// When the attempt began that made it: what it found out about the server is no older.
  pool_clock::time_point began;
  /// When the server last answered.
  pool_clock::time_point heard;
  /// Open, outside of a transaction, with nothing known against it.
  bool reusable = true;
  /// No request to cancel can hit its next statement.
  bool settled = true;
};

/// What failed attempts to connect leave behind; a success makes it a new one.
struct setback {
  /// In a row; those of one burst count once.
  unsigned failures = 0;
  /// No attempt before.
  pool_clock::time_point until = pool_clock::time_point::min();
};

struct pool_view {
  pool_limits limits;
  pool_clock::time_point now;
  std::span<const idle_connection> idle;
  std::size_t in_use = 0;
  std::size_t connecting = 0;
  /// Asked for a sign of life.
  std::size_t checking = 0;
  /// On their way out; the server still has them.
  std::size_t retiring = 0;
  /// Callers in the queue.
  std::size_t waiting = 0;
  setback trouble;
  /// When a server was last seen to stop or to change its role.
  pool_clock::time_point role_changed = pool_clock::time_point::min();
  /// When a connection was last heard of that did not answer any more.
  pool_clock::time_point unanswered = pool_clock::time_point::min();
  bool closing = false;
};

struct pool_action {
  enum class kind {
    none,
    lend,     ///< the first in the queue gets this idle connection
    check,    ///< ask this idle connection for a sign of life
    retire,   ///< close this idle connection
    connect,  ///< begin one attempt
    refuse,   ///< the first in the queue is told that the pool closes
  };

  kind what = kind::none;
  /// Of the idle connection, where there is one.
  std::size_t index = 0;

  friend bool operator==(const pool_action&, const pool_action&) = default;
};

/// Asked again until it says none.
///
/// Connections are made and checked only for callers that wait. While attempts fail there is one at
/// a time for the whole pool: a database that comes up is not met by a crowd. Of what is idle the
/// one heard of last is lent, being the likeliest to be alive, and where one does not answer, none
/// is kept that was heard of before it: whoever waits waits for one time-out, not for one of each.
pool_action next_action(const pool_view& pool);

/// The pause after the `failures`th failure in a row (from 1): doubling from `least`, never above
/// `most`, between half and all of it by `random` (0 to 1), so that replicas do not come in step.
pool_clock::duration backoff(unsigned failures, pool_clock::duration least,
                             pool_clock::duration most, double random);

/// Attempts that began together and fail together are one failure, with one pause behind it.
setback after_failure(const setback& before, pool_clock::time_point now, pool_clock::duration least,
                      pool_clock::duration most, double random);

/// Waiting longer does not help, somebody has to change something: all who wait are told at once.
bool needs_a_person(const error& failure);

}  // namespace ingestor::pg::fsm
