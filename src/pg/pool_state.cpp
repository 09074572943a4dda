#include "pg/pool_state.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using steady_clock = std::chrono::steady_clock;

error closing_error() {
  return make_error(error_category::shutdown, "the connection pool is closing");
}

/// Waiting longer does not help: somebody has to change something.
bool needs_a_person(const error& failure) {
  return failure.category == error_category::authentication ||
         failure.category == error_category::configuration;
}

asio::awaitable<void> say_goodbye(std::unique_ptr<connection> session) {
  co_await session->close();
}

}  // namespace

pool_state::pool_state(const asio::any_io_executor& on, pool_options with, key_deriver& deriver)
    : executor{on},
      options{std::move(with)},
      keys{deriver},
      pause{on},
      came_back{on},
      random{std::random_device{}()} {}

fsm::pool_counts pool_state::counts() const {
  return {options.size,   idle.size(), in_use,      connecting,
          waiting.size(), failures,    backing_off, closing};
}

void pool_state::pump() {
  for (;;) {
    switch (fsm::next_action(counts())) {
      case fsm::pool_action::none:
        return;
      case fsm::pool_action::lease_idle:
        lease_idle();
        break;
      case fsm::pool_action::connect:
        connect();
        break;
      case fsm::pool_action::refuse_first:
        refuse_first(closing_error());
        break;
      case fsm::pool_action::close_idle:
        close_idle();
        break;
    }
  }
}

bool pool_state::reusable(pool_member& member) const {
  auto& session = *member.session;
  const auto limit = options.connection_age_max;
  const bool too_old = limit.count() > 0 && steady_clock::now() - member.made > limit;
  return !too_old && session.usable() && session.transaction_status() == 'I' && session.quiet();
}

void pool_state::lease_idle() {
  // The one used last is the likeliest to be alive.
  auto member = std::move(idle.back());
  idle.pop_back();
  if (!reusable(*member)) return retire(std::move(member->session));
  auto* const first = waiting.front();
  waiting.pop_front();
  ++in_use;
  first->outcome.emplace(std::move(member));
  first->woken.cancel();
}

void pool_state::connect() {
  ++connecting;
  ++attempts;
  const auto signal = attempts_under_way.emplace(attempts_under_way.end());
  auto attempt = connection::connect(options.connection, options.connect_timeout, keys);
  auto on_end = [self = shared_from_this(), signal](std::exception_ptr cancelled,
                                                    result<std::unique_ptr<connection>> made) {
    // Its memory is in use until this handler has returned.
    asio::post(self->executor, [self, signal] { self->attempts_under_way.erase(signal); });
    --self->connecting;
    if (cancelled) made = closing_error();
    self->connected(std::move(made));
  };
  asio::co_spawn(executor, std::move(attempt),
                 asio::bind_cancellation_slot(signal->slot(), std::move(on_end)));
}

void pool_state::connected(result<std::unique_ptr<connection>> made) {
  if (made) {
    failures = 0;
    last_failure.reset();
    auto member = std::make_unique<pool_member>();
    member->session = std::move(*made);
    member->made = steady_clock::now();
    idle.push_back(std::move(member));
  } else if (!closing) {
    attempt_failed(made.error());
  }
  came_back.cancel();
  pump();
}

void pool_state::attempt_failed(const error& why) {
  ++failures;
  ++attempts_failed;
  last_failure = why;
  if (needs_a_person(why)) {
    while (!waiting.empty()) refuse_first(why);
  }
  backing_off = true;
  const auto jitter = std::uniform_real_distribution<double>{}(random);
  pause.expires_after(fsm::backoff(failures, options.backoff_min, options.backoff_max, jitter));
  const auto resume = [weak = weak_from_this()](boost::system::error_code replaced) {
    // A further failure has begun a pause of its own, which is the one that counts.
    if (replaced) return;
    const auto self = weak.lock();
    if (!self) return;
    self->backing_off = false;
    self->pump();
  };
  pause.async_wait(resume);
}

void pool_state::refuse_first(const error& why) {
  auto* const first = waiting.front();
  waiting.pop_front();
  first->outcome.emplace(why);
  first->woken.cancel();
}

void pool_state::take_back(std::unique_ptr<pool_member> member) {
  --in_use;
  auto& session = *member->session;
  if (session.usable() && session.transaction_status() == 'I') {
    idle.push_back(std::move(member));
  }
  came_back.cancel();
  pump();
}

void pool_state::begin_closing() {
  closing = true;
  pause.cancel();
  for (auto& each : attempts_under_way) each.emit(asio::cancellation_type::terminal);
  pump();
}

void pool_state::close_idle() {
  retire(std::move(idle.back()->session));
  idle.pop_back();
}

void pool_state::retire(std::unique_ptr<connection> session) {
  auto goodbye = say_goodbye(std::move(session));
  asio::co_spawn(executor, std::move(goodbye), asio::detached);
}

}  // namespace ingestor::pg
