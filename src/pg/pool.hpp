// A bounded number of connections, lent to whoever waits, first come first served.
#pragma once

#include "pg/connection.hpp"
#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace ingestor::pg {

struct pool_options {
  using duration = std::chrono::steady_clock::duration;

  connection_options connection;
  /// The most connections at any time, those being made or closed included; at least 1.
  std::size_t size = 4;
  /// For one attempt over all servers; longer where the connection's own connect_timeout for each
  /// of them is more.
  duration connect_timeout = std::chrono::seconds{10};
  /// The pause after a failed attempt: doubles from the least to the most, with jitter.
  duration backoff_min = std::chrono::milliseconds{100};
  duration backoff_max = std::chrono::seconds{10};
  /// A connection older than this is closed instead of lent again, or when another comes back, so
  /// that a fail-over or a changed address is noticed; 0: never.
  duration connection_age_max = std::chrono::minutes{30};
  /// A connection whose server has not been heard of for longer is asked for a sign of life before
  /// it is lent; 0: before each lease. A server that went away without a word is noticed so.
  duration idle_check_after = std::chrono::seconds{30};
  /// How long the answer to that may take; whoever waits for the connection waits for it.
  duration health_check_timeout = std::chrono::seconds{5};
};

struct pool_stats {
  /// Those asked for a sign of life included.
  std::size_t idle = 0;
  std::size_t in_use = 0;
  std::size_t connecting = 0;
  /// Callers that wait.
  std::size_t waiting = 0;
  /// Attempts to connect, and those that failed, since the pool began.
  std::uint64_t attempts = 0;
  std::uint64_t attempts_failed = 0;
};

struct pool_state;
struct pool_member;

/// A borrowed connection. At its end the connection goes back if it is usable and idle ('I'), else
/// it is closed: a transaction left open is rolled back by the server. So is one to which the
/// server said that it stops or has another role by now, and with it all that the pool made before:
/// which server is the right one is then asked anew. One with a cancel() that may still take effect
/// is lent again after a round trip, or not at all. May outlive the pool.
class lease {
 public:
  lease(std::shared_ptr<pool_state> from, std::unique_ptr<pool_member> member,
        std::chrono::steady_clock::duration waited);
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;
  lease(lease&&) noexcept;
  lease& operator=(lease&&) noexcept;
  ~lease();

  connection& operator*() const;
  connection* operator->() const { return &**this; }

  /// How long pool::lease() took.
  std::chrono::steady_clock::duration waited() const { return waited_; }

 private:
  void give_back();

  std::shared_ptr<pool_state> from_;
  std::unique_ptr<pool_member> member_;
  std::chrono::steady_clock::duration waited_;
};

/// Connections are made when somebody waits for one, and checked for life before they are lent:
/// those that do not pass are replaced without a word to whoever waits. A server that is down, or
/// ends a session as soon as it began, is tried again and again with growing pauses, one attempt at
/// a time however many wait; a refusal that needs a person (authentication, configuration) goes to
/// all who wait at once. Belongs to one thread. `keys` must outlive the pool and its leases.
class pool {
 public:
  using duration = std::chrono::steady_clock::duration;

  pool(const boost::asio::any_io_executor& executor, pool_options options, key_deriver& keys);
  /// Closes as close() does, without waiting.
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// When the time is up: the error of the last attempt to connect, if it failed, else timeout. A
  /// caller that is cancelled leaves the queue.
  boost::asio::awaitable<result<pg::lease>> lease(duration timeout);

  /// Refuses those who wait (category shutdown) and all later ones, ends the attempts and checks
  /// under way, closes what is idle, and waits until what is lent came back and is closed too.
  /// Bound it with a time-out of your own: cancelling the wait is safe.
  boost::asio::awaitable<void> close();

  pool_stats stats() const;

 private:
  std::shared_ptr<pool_state> state_;
};

}  // namespace ingestor::pg
