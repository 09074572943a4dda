#include "http/connect_race.hpp"

#include "http/awaiting.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/error.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

/// Shared with the handlers of its attempts, which may outlive the coroutine that waits.
class race : public std::enable_shared_from_this<race> {
 public:
  race(const asio::any_io_executor& executor, std::vector<tcp::endpoint> endpoints,
       steady_clock::time_point deadline, std::chrono::milliseconds attempt_delay)
      : executor_{executor},
        endpoints_{std::move(endpoints)},
        sockets_(endpoints_.size()),
        attempt_delay_{attempt_delay},
        next_attempt_{executor},
        decided_{executor, deadline} {}

  void attempt() {
    if (over_ || next_ == endpoints_.size()) return;
    const auto index = next_++;
    ++running_;
    auto& socket = sockets_[index].emplace(executor_);
    socket.async_connect(endpoints_[index], [self = shared_from_this(), index](error_code failed) {
      self->ended(index, failed);
    });
    if (next_ == endpoints_.size()) return;
    next_attempt_.expires_after(attempt_delay_);
    next_attempt_.async_wait([self = shared_from_this()](error_code stopped) {
      if (!stopped) self->attempt();
    });
  }

  void stop() {
    over_ = true;
    next_attempt_.cancel();
    decided_.cancel();
    for (auto& socket : sockets_) socket.reset();
  }

  asio::steady_timer& decided() { return decided_; }
  bool over() const { return over_; }
  error_code failure() const { return failure_; }
  std::optional<tcp::socket>& winner() { return winner_; }

 private:
  void ended(std::size_t index, error_code failed) {
    if (over_) return;
    --running_;
    if (failed) {
      failure_ = failed;
      sockets_[index].reset();
      attempt();
      if (running_ > 0) return;
    } else {
      winner_ = std::move(sockets_[index]);
    }
    stop();
  }

  asio::any_io_executor executor_;
  std::vector<tcp::endpoint> endpoints_;
  std::vector<std::optional<tcp::socket>> sockets_;
  std::chrono::milliseconds attempt_delay_;
  asio::steady_timer next_attempt_;
  asio::steady_timer decided_;  // at the deadline, or cancelled before
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  bool over_ = false;
  error_code failure_ = asio::error::host_not_found;
  std::optional<tcp::socket> winner_;
};

/// However the coroutine ends, nothing of the race goes on.
class race_end {
 public:
  explicit race_end(race& of) : of_{of} {}
  race_end(const race_end&) = delete;
  race_end& operator=(const race_end&) = delete;
  ~race_end() { of_.stop(); }

 private:
  race& of_;
};

}  // namespace

std::vector<tcp::endpoint> interleaved(const std::vector<tcp::endpoint>& endpoints) {
  if (endpoints.empty()) return {};
  const auto first_family = endpoints.front().protocol();
  std::vector<tcp::endpoint> same;
  std::vector<tcp::endpoint> other;
  for (const auto& endpoint : endpoints) {
    (endpoint.protocol() == first_family ? same : other).push_back(endpoint);
  }
  std::vector<tcp::endpoint> out;
  for (std::size_t i = 0; i < std::max(same.size(), other.size()); ++i) {
    if (i < same.size()) out.push_back(same[i]);
    if (i < other.size()) out.push_back(other[i]);
  }
  return out;
}

asio::awaitable<ingestor::result<tcp::socket, error_code>> connect_first(
    std::vector<tcp::endpoint> endpoints, steady_clock::time_point deadline,
    std::chrono::milliseconds attempt_delay) {
  if (endpoints.empty()) co_return error_code{asio::error::host_not_found};
  const auto executor = co_await asio::this_coro::executor;
  const auto state =
      std::make_shared<race>(executor, std::move(endpoints), deadline, attempt_delay);
  const race_end end{*state};
  state->attempt();
  const auto [stopped] = co_await state->decided().async_wait(as_values);
  if (state->winner()) co_return std::move(*state->winner());
  if (state->over()) co_return state->failure();
  if (stopped) co_return error_code{asio::error::operation_aborted};
  co_return error_code{boost::beast::error::timeout};
}

}  // namespace ingestor::http
