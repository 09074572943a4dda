#include "pg/pool.hpp"

#include "pg/pool_state.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using steady_clock = std::chrono::steady_clock;

/// A place in the queue. Left early, by cancellation, it gives back what it was already handed.
class place {
 public:
  place(pool_state& in, steady_clock::time_point until) : in_{in}, waiter_{in.executor, until} {
    in_.waiting.push_back(&waiter_);
  }
  ~place() {
    in_.waiting.remove(&waiter_);
    if (waiter_.outcome && *waiter_.outcome && **waiter_.outcome) {
      in_.take_back(std::move(**waiter_.outcome));
    }
  }
  place(const place&) = delete;
  place& operator=(const place&) = delete;

  pool_waiter& waiter() { return waiter_; }

 private:
  pool_state& in_;
  pool_waiter waiter_;
};

error not_in_time(const pool_state& state) {
  if (state.last_failure) return *state.last_failure;
  return make_error(
      error_category::timeout,
      "no database connection became free in time: " + std::to_string(state.known.in_use) + " of " +
          std::to_string(state.options.size) + " are in use");
}

}  // namespace

lease::lease(std::shared_ptr<pool_state> from, std::unique_ptr<pool_member> member,
             steady_clock::duration waited)
    : from_{std::move(from)}, member_{std::move(member)}, waited_{waited} {}

lease::lease(lease&&) noexcept = default;

lease& lease::operator=(lease&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  from_ = std::move(other.from_);
  member_ = std::move(other.member_);
  waited_ = other.waited_;
  return *this;
}

lease::~lease() {
  give_back();
}

void lease::give_back() {
  if (member_) from_->take_back(std::move(member_));
}

connection& lease::operator*() const {
  return *member_->session;
}

pool::pool(const asio::any_io_executor& executor, pool_options options, key_deriver& keys)
    : state_{std::make_shared<pool_state>(executor, std::move(options), keys)} {}

pool::~pool() {
  state_->begin_closing();
}

asio::awaitable<result<lease>> pool::lease(duration timeout) {
  // The pool may go away while we wait; what it shares with us does not.
  const auto state = state_;
  const auto began = steady_clock::now();
  place queued{*state, began + timeout};
  state->pump(began);
  auto& waiter = queued.waiter();
  if (!waiter.outcome) co_await waiter.woken.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!waiter.outcome) co_return not_in_time(*state);
  if (!*waiter.outcome) co_return waiter.outcome->error();
  co_return pg::lease{state, std::move(**waiter.outcome), steady_clock::now() - began};
}

asio::awaitable<void> pool::close() {
  const auto state = state_;
  state->begin_closing();
  while (!state->drained()) {
    co_await state->came_back.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

pool_stats pool::stats() const {
  const auto& known = state_->known;
  const auto idle = state_->idle.size() + known.checking;
  return {idle,
          known.in_use,
          known.connecting,
          state_->waiting.size(),
          state_->attempts,
          state_->attempts_failed};
}

}  // namespace ingestor::pg
