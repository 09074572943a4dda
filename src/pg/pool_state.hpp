// The inside of a pool, shared by the pool, its leases and the attempts under way.
#pragma once

#include "pg/connection.hpp"
#include "pg/fsm/pool_policy.hpp"
#include "pg/pool.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <random>

namespace ingestor::pg {

struct pool_member {
  std::unique_ptr<connection> session;
  std::chrono::steady_clock::time_point made;
};

/// A caller in the queue: woken by its timer, with or without an outcome.
struct pool_waiter {
  pool_waiter(const boost::asio::any_io_executor& executor,
              std::chrono::steady_clock::time_point until)
      : woken{executor, until} {}

  boost::asio::steady_timer woken;
  std::optional<result<std::unique_ptr<pool_member>>> outcome;
};

struct pool_state : std::enable_shared_from_this<pool_state> {
  pool_state(const boost::asio::any_io_executor& on, pool_options with, key_deriver& deriver);

  fsm::pool_counts counts() const;
  /// Does what the policy wants until it wants nothing.
  void pump();
  /// A connection is no longer used.
  void take_back(std::unique_ptr<pool_member> member);
  void begin_closing();
  bool drained() const { return in_use == 0 && connecting == 0 && retiring == 0 && idle.empty(); }

  void lease_idle();
  void connect();
  /// Exceptions are of a cancelled attempt, or of one that met a bug or the system's limits.
  void attempt_ended(const std::exception_ptr& thrown, result<std::unique_ptr<connection>> made);
  void connected(std::unique_ptr<connection> session);
  void attempt_failed(const error& why);
  void refuse_first(const error& why);
  void close_idle();
  /// Neither too old nor made before the server changed.
  bool current(const pool_member& member) const;
  /// May be lent again, as far as is known without asking the server.
  bool reusable(const pool_member& member) const;
  /// Everything known about the server's role is from before now.
  void distrust_all_made_until_now();
  void retire_outdated();
  /// Says goodbye in the background.
  void retire(std::unique_ptr<connection> session);

  boost::asio::any_io_executor executor;
  pool_options options;
  key_deriver& keys;

  std::deque<std::unique_ptr<pool_member>> idle;
  std::list<pool_waiter*> waiting;
  std::size_t in_use = 0;
  std::size_t connecting = 0;
  std::size_t retiring = 0;
  bool closing = false;
  std::chrono::steady_clock::time_point distrusted_until;

  unsigned failures = 0;
  std::uint64_t attempts = 0;
  std::uint64_t attempts_failed = 0;
  std::optional<error> last_failure;
  bool backing_off = false;
  boost::asio::steady_timer pause;
  /// One for each attempt under way, to end it when the pool closes.
  std::list<boost::asio::cancellation_signal> attempts_under_way;
  /// Woken when something came back while closing.
  boost::asio::steady_timer came_back;
  std::minstd_rand random;
};

}  // namespace ingestor::pg
