// The inside of a pool, shared by the pool, its leases and what it does meanwhile.
#pragma once

#include "pg/connection.hpp"
#include "pg/fsm/pool_policy.hpp"
#include "pg/pool.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace ingestor::pg {

struct pool_member {
  std::unique_ptr<connection> session;
  /// When the attempt to connect began.
  std::chrono::steady_clock::time_point began;
};

using member_ptr = std::unique_ptr<pool_member>;

/// A caller in the queue: woken by its timer, with or without an outcome.
struct pool_waiter {
  pool_waiter(const boost::asio::any_io_executor& executor,
              std::chrono::steady_clock::time_point until)
      : woken{executor, until} {}

  boost::asio::steady_timer woken;
  std::optional<result<member_ptr>> outcome;
};

struct pool_state : std::enable_shared_from_this<pool_state> {
  using time_point = std::chrono::steady_clock::time_point;

  pool_state(const boost::asio::any_io_executor& on, pool_options with, key_deriver& deriver);

  /// Does what the policy wants until it wants nothing.
  void pump(time_point now);
  void perform(const fsm::pool_action& wanted);
  std::vector<fsm::idle_connection> seen() const;
  /// A connection is no longer used.
  void take_back(member_ptr member);
  void begin_closing();
  bool drained() const {
    return known.in_use + known.connecting + known.checking + known.retiring == 0 && idle.empty();
  }

  /// As far as can be told without asking the server. What was found out is for the policy, which
  /// is then asked again.
  bool sound(std::size_t index);
  void lend(std::size_t index);
  void check(std::size_t index);
  /// Without the member where it was given up.
  void check_ended(time_point last_heard, member_ptr member);
  void connect();
  void attempt_ended(result<member_ptr> made);
  void attempt_failed(const error& why);
  void refuse_first(const error& why);
  /// Says goodbye in the background.
  void retire(member_ptr member);
  /// One of its connections may know that the server is not what it was.
  void heed(const connection& session);
  member_ptr take(std::size_t index);
  /// One that its server has just answered for.
  void add_idle(member_ptr member);
  /// Something came to its end that somebody may wait for.
  void moved();

  boost::asio::any_io_executor executor;
  pool_options options;
  key_deriver& keys;

  std::vector<member_ptr> idle;
  std::list<pool_waiter*> waiting;
  /// What the policy decides on; seen() and the queue complete it.
  fsm::pool_view known;
  std::uint64_t attempts = 0;
  std::uint64_t attempts_failed = 0;
  /// Of the last attempt, if it failed.
  std::optional<error> last_failure;
  boost::asio::steady_timer pause;
  /// One for each attempt and check, to end it when the pool closes.
  std::list<boost::asio::cancellation_signal> under_way;
  /// Woken when something came back while closing.
  boost::asio::steady_timer came_back;
  std::minstd_rand random;
};

/// What an attempt has thrown: it was cancelled, or met a bug or the system's limits.
error error_of_attempt(const std::exception_ptr& thrown);

}  // namespace ingestor::pg
