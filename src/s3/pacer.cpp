#include "s3/pacer.hpp"

#include "http/awaiting.hpp"

#include <utility>

namespace ingestor::s3 {

namespace asio = boost::asio;
using std::chrono::steady_clock;

struct pacer::waiter {
  explicit waiter(pacer& owner)
      : pacing{owner.shared_from_this()},
        timer{owner.executor_, steady_clock::now() + turn_max},
        at{owner.waiters_.insert(owner.waiters_.end(), this)} {}
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;
  ~waiter() {
    if (waiting) pacing->waiters_.erase(at);
  }

  void go() {
    waiting = false;
    timer.cancel();
  }

  std::shared_ptr<pacer> pacing;
  asio::steady_timer timer;
  std::list<waiter*>::iterator at;
  bool waiting = true;
};

pacer::pacer(const asio::any_io_executor& executor) : executor_{executor}, alarm_{executor} {}

asio::awaitable<pacer::ending> pacer::turn() {
  const auto now = steady_clock::now();
  if (waiters_.empty() && pace_.next() <= now) {
    pace_.started(now);
    co_return ending::mine;
  }
  waiter self{*this};
  let_through();
  // It may have become due just now: then nobody will wake it.
  if (!self.waiting) co_return ending::mine;
  const auto [cancelled] = co_await self.timer.async_wait(http::as_values);
  if (!self.waiting) co_return ending::mine;
  co_return cancelled ? ending::cancelled : ending::too_late;
}

void pacer::throttled(time_point asked, std::optional<std::chrono::seconds> retry_after) {
  pace_.throttled(asked, steady_clock::now(), retry_after);
}

void pacer::succeeded() {
  pace_.succeeded();
  let_through();
}

/// Whoever's turn it is; the alarm is set for the next.
void pacer::let_through() {
  const auto now = steady_clock::now();
  while (!waiters_.empty() && pace_.next() <= now) {
    auto* const first = waiters_.front();
    waiters_.pop_front();
    pace_.started(now);
    first->go();
  }
  if (waiters_.empty()) return;
  alarm_.expires_at(pace_.next());
  alarm_.async_wait([weak = weak_from_this()](boost::system::error_code replaced) {
    if (replaced) return;
    if (const auto self = weak.lock()) self->let_through();
  });
}

}  // namespace ingestor::s3
