// Keep-alive connections to one origin: a fixed number of them, reused most recent first.
//
// A connection is leased for one exchange. The lease gives it back when it is destroyed: into the
// pool if the exchange left it clean (`reusable`), else it is closed. What waits for a connection
// is served in the order of asking. All of it on one thread. While there are connections a
// timer of the pool's waits on its executor.
#pragma once

#include "http/connect.hpp"
#include "http/error.hpp"
#include "http/tls_sessions.hpp"
#include "http/transport.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

namespace ingestor::http {

struct pool_options : connect_options {
  /// Open connections at most, idle ones included; at least 1.
  std::size_t connections_max = 16;
  /// Of these, idle ones at most; what is above is closed, the least recently used first.
  std::size_t idle_connections_max = 16;
  /// An idle connection is closed after this time: servers close theirs at some time, S3 after
  /// about 20 s, and a request that crosses with that has to be sent again.
  std::chrono::milliseconds idle_max{15'000};
  /// How often idle connections are looked at, whether the peer has closed them.
  std::chrono::milliseconds idle_check{5'000};
  /// How long to wait for a connection to become free.
  std::chrono::milliseconds acquire_timeout{60'000};
  /// What may be received before it is looked at; bounds the head of an answer too.
  std::size_t receive_bytes_max = std::size_t{64} * 1024;
};

/// One transport and the buffers that go with it; they are kept from exchange to exchange.
struct connection {
  explicit connection(std::unique_ptr<transport> to, std::size_t receive_bytes_max)
      : wire{std::move(to)}, received{receive_bytes_max} {}

  std::unique_ptr<transport> wire;
  boost::beast::flat_buffer received;  ///< read, and not yet taken
  std::vector<std::byte> piece;        ///< for bodies; empty until one needs it
  bool reused = false;                 ///< has served an exchange before
  std::chrono::steady_clock::time_point idle_since;
};

class connection_pool : public std::enable_shared_from_this<connection_pool> {
 public:
  /// A place among connections_max, and the connection in it once there is one.
  class slot {
   public:
    slot(std::shared_ptr<connection_pool> pool, std::unique_ptr<connection> held);
    slot(const slot&) = delete;
    slot& operator=(const slot&) = delete;
    ~slot();

    std::unique_ptr<connection> held;
    /// Set by whoever has seen the exchange end cleanly.
    bool reusable = false;

   private:
    std::shared_ptr<connection_pool> pool_;
  };
  using lease = std::unique_ptr<slot>;

  struct statistics {
    std::size_t open = 0;  ///< idle, leased, or being made
    std::size_t idle = 0;
    std::uint64_t connected = 0;  ///< ever
    std::uint64_t resumed = 0;    ///< of these, by a TLS session of an earlier one
  };

  connection_pool(boost::asio::any_io_executor executor, pool_options options);

  /// An idle connection, or a new one, or whichever is given back first. With `fresh` never one
  /// that has been used before. The pool must be owned by a shared_ptr.
  boost::asio::awaitable<result<lease>> acquire(bool fresh);

  statistics stats() const;

 private:
  struct waiter;

  lease take_idle();
  boost::asio::awaitable<result<lease>> wait_for_slot();
  boost::asio::awaitable<result<lease>> connected(lease place);
  void give_back(std::unique_ptr<connection> held);
  void put_idle(std::unique_ptr<connection> held);
  void watch_idle();
  void close_stale();

  boost::asio::any_io_executor executor_;
  pool_options options_;
  std::size_t open_ = 0;
  std::uint64_t connected_ = 0;
  std::vector<std::unique_ptr<connection>> idle_;  // the most recently used last
  boost::asio::steady_timer idle_watch_;
  bool watching_ = false;
  std::shared_ptr<tls_sessions> sessions_ = std::make_shared<tls_sessions>();
  std::list<waiter*> waiters_;  // on their coroutines' frames
};

}  // namespace ingestor::http
