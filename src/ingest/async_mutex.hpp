// Mutual exclusion between coroutines of one io_context.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace ingestor::ingest {

/// First come, first served. A coroutine that is cancelled while it waits does not get the lock.
class async_mutex {
  using channel = boost::asio::experimental::channel<void(boost::system::error_code)>;

 public:
  class [[nodiscard]] guard {
   public:
    explicit guard(channel& held) : held_{&held} {}
    guard(guard&& other) noexcept : held_{std::exchange(other.held_, nullptr)} {}
    guard& operator=(guard&&) = delete;
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    ~guard() {
      if (held_ != nullptr) held_->try_receive([](boost::system::error_code) {});
    }

   private:
    channel* held_;
  };

  explicit async_mutex(const boost::asio::any_io_executor& executor) : channel_{executor, 1} {}

  boost::asio::awaitable<guard> lock() {
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    const auto [error] = co_await channel_.async_send(boost::system::error_code{}, token);
    // A channel has its own code for it; everywhere else cancellation is operation_aborted.
    if (error) throw boost::system::system_error{boost::asio::error::operation_aborted};
    co_return guard{channel_};
  }

 private:
  // Its one slot is full while somebody holds the lock.
  channel channel_;
};

}  // namespace ingestor::ingest
