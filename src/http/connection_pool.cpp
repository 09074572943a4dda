#include "http/connection_pool.hpp"

#include "http/awaiting.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ingestor::http {

namespace asio = boost::asio;
using std::chrono::steady_clock;

connection_pool::slot::slot(std::shared_ptr<connection_pool> pool,
                            std::unique_ptr<connection> connection)
    : held{std::move(connection)}, pool_{std::move(pool)} {}

connection_pool::slot::~slot() {
  if (!reusable) held.reset();
  pool_->give_back(std::move(held));
}

/// Lives on the frame of the coroutine that waits. A slot is handed over, not announced: should the
/// coroutine end before it takes it, the slot's destructor passes it on to the next.
struct connection_pool::waiter {
  waiter(connection_pool& owner, steady_clock::time_point deadline)
      : pool{owner.shared_from_this()}, timer{owner.executor_, deadline} {
    at = pool->waiters_.insert(pool->waiters_.end(), this);
  }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;
  ~waiter() {
    if (!granted_or_gone) pool->waiters_.erase(at);
  }

  void grant(lease place) {
    granted_or_gone = true;
    granted = std::move(place);
    timer.cancel();
  }

  std::shared_ptr<connection_pool> pool;
  asio::steady_timer timer;
  std::list<waiter*>::iterator at;
  bool granted_or_gone = false;
  lease granted;
};

connection_pool::connection_pool(asio::any_io_executor executor, pool_options options)
    : executor_{std::move(executor)}, options_{std::move(options)}, idle_watch_{executor_} {}

connection_pool::statistics connection_pool::stats() const {
  return {open_, idle_.size(), connected_, sessions_->resumed()};
}

connection_pool::lease connection_pool::take_idle() {
  const auto oldest = steady_clock::now() - options_.idle_max;
  while (!idle_.empty()) {
    auto held = std::move(idle_.back());
    idle_.pop_back();
    if (held->idle_since > oldest && !held->wire->has_pending_input()) {
      return std::make_unique<slot>(shared_from_this(), std::move(held));
    }
    --open_;
  }
  return nullptr;
}

asio::awaitable<result<connection_pool::lease>> connection_pool::acquire(bool fresh) {
  if (!fresh) {
    if (auto idle = take_idle()) co_return std::move(idle);
  } else if (open_ >= options_.connections_max && !idle_.empty()) {
    idle_.erase(idle_.begin());
    --open_;
  }
  lease place;
  if (open_ < options_.connections_max) {
    ++open_;
    place = std::make_unique<slot>(shared_from_this(), nullptr);
  } else {
    auto waited = co_await wait_for_slot();
    if (!waited) co_return waited.error();
    place = std::move(*waited);
  }
  if (place->held && (fresh || place->held->wire->has_pending_input())) place->held.reset();
  if (place->held) co_return std::move(place);
  co_return co_await connected(std::move(place));
}

asio::awaitable<result<connection_pool::lease>> connection_pool::wait_for_slot() {
  waiter self{*this, steady_clock::now() + options_.acquire_timeout};
  const auto [cancelled] = co_await self.timer.async_wait(as_values);
  if (self.granted) co_return std::move(self.granted);
  if (cancelled) {
    co_return error{error_kind::cancelled, "waiting for a connection was stopped"};
  }
  co_return error{error_kind::busy, "all " + std::to_string(options_.connections_max) +
                                        " connections to " + name_of(options_.where) +
                                        " were in use for too long"};
}

asio::awaitable<result<connection_pool::lease>> connection_pool::connected(lease place) {
  auto wire = co_await connect(options_, sessions_);
  if (!wire) co_return wire.error();
  ++connected_;
  if (!watching_) watch_idle();
  place->held = std::make_unique<connection>(std::move(*wire), options_.receive_bytes_max);
  co_return std::move(place);
}

void connection_pool::give_back(std::unique_ptr<connection> held) {
  if (held) {
    held->reused = true;
    held->idle_since = steady_clock::now();
    held->received.consume(held->received.size());
  }
  if (!waiters_.empty()) {
    auto* const next = waiters_.front();
    waiters_.pop_front();
    next->grant(std::make_unique<slot>(shared_from_this(), std::move(held)));
  } else if (held) {
    put_idle(std::move(held));
  } else if (--open_ == 0) {
    watching_ = false;
    idle_watch_.cancel();
  }
}

void connection_pool::put_idle(std::unique_ptr<connection> held) {
  idle_.push_back(std::move(held));
  if (idle_.size() > options_.idle_connections_max) {
    idle_.erase(idle_.begin());
    --open_;
  }
}

void connection_pool::watch_idle() {
  watching_ = true;
  const auto now = steady_clock::now();
  const auto longest_idle = idle_.empty() ? now : idle_.front()->idle_since;
  idle_watch_.expires_at(std::min(longest_idle + options_.idle_max, now + options_.idle_check));
  idle_watch_.async_wait([pool = weak_from_this()](boost::system::error_code stopped) {
    const auto self = pool.lock();
    if (stopped || !self) return;
    self->watching_ = false;
    self->close_stale();
    if (self->open_ > 0) self->watch_idle();
  });
}

void connection_pool::close_stale() {
  const auto oldest = steady_clock::now() - options_.idle_max;
  open_ -= std::erase_if(idle_, [&](const std::unique_ptr<connection>& held) {
    return held->idle_since <= oldest || held->wire->has_pending_input();
  });
}

}  // namespace ingestor::http
