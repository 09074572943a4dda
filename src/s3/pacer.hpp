// Lets the requests of a process through one by one, in the order of asking, as fast as `pace`
// says.
#pragma once

#include "s3/proto/pace.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <list>
#include <memory>

namespace ingestor::s3 {

/// Owned by a shared_ptr; on the executor's one thread.
class pacer : public std::enable_shared_from_this<pacer> {
 public:
  using time_point = proto::pace::time_point;

  explicit pacer(const boost::asio::any_io_executor& executor);

  enum class ending { mine, cancelled, too_late };

  /// Until it is this request's turn, at most `turn_max`.
  boost::asio::awaitable<ending> turn();

  void throttled(time_point asked, std::optional<std::chrono::seconds> retry_after);
  void succeeded();

  static constexpr std::chrono::seconds turn_max{60};

 private:
  struct waiter;

  void let_through();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer alarm_;
  proto::pace pace_;
  std::list<waiter*> waiters_;  // on their coroutines' frames
};

}  // namespace ingestor::s3
