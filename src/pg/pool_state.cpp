#include "pg/pool_state.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using namespace std::string_literals;
using steady_clock = std::chrono::steady_clock;

error closing_error() {
  return make_error(error_category::shutdown, "the connection pool is closing");
}

/// Waiting longer does not help: somebody has to change something.
bool needs_a_person(const error& failure) {
  return failure.category == error_category::authentication ||
         failure.category == error_category::configuration;
}

error error_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) return closing_error();
    return make_error(error_category::connection, "cannot connect: "s + failure.what());
  } catch (const std::exception& failure) {
    return make_error(error_category::connection, "cannot connect: "s + failure.what());
  }
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
      came_back{on, steady_clock::time_point::max()},
      random{std::random_device{}()} {}

fsm::pool_counts pool_state::counts() const {
  return {options.size,   idle.size(), in_use,      connecting, retiring,
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

bool pool_state::current(const pool_member& member) const {
  const auto limit = options.connection_age_max;
  const bool too_old = limit.count() > 0 && steady_clock::now() - member.made > limit;
  return !too_old && member.made > distrusted_until;
}

bool pool_state::reusable(const pool_member& member) const {
  const auto& session = *member.session;
  return current(member) && session.usable() && session.transaction_status() == 'I';
}

void pool_state::distrust_all_made_until_now() {
  distrusted_until = steady_clock::now();
}

void pool_state::lease_idle() {
  // The one used last is the likeliest to be alive.
  auto member = std::move(idle.back());
  idle.pop_back();
  if (!reusable(*member) || !member->session->quiet()) {
    if (member->session->outdated()) distrust_all_made_until_now();
    return retire(std::move(member->session));
  }
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
  auto attempt = pg::connect(options.connection, options.connect_timeout, keys);
  auto on_end = [self = shared_from_this(), signal](const std::exception_ptr& thrown,
                                                    result<std::unique_ptr<connection>> made) {
    // Its memory is in use until this handler has returned.
    asio::post(self->executor, [self, signal] { self->attempts_under_way.erase(signal); });
    self->attempt_ended(thrown, std::move(made));
  };
  asio::co_spawn(executor, std::move(attempt),
                 asio::bind_cancellation_slot(signal->slot(), std::move(on_end)));
}

void pool_state::attempt_ended(const std::exception_ptr& thrown,
                               result<std::unique_ptr<connection>> made) {
  --connecting;
  if (thrown) made = closing ? closing_error() : error_of(thrown);
  if (made) {
    connected(std::move(*made));
  } else if (!closing) {
    attempt_failed(made.error());
  }
  came_back.cancel();
  pump();
}

void pool_state::connected(std::unique_ptr<connection> session) {
  if (!closing && !session->quiet()) {
    attempt_failed(session->last_words().value_or(make_error(
        error_category::connection, "the connection was closed as soon as it was made")));
    return retire(std::move(session));
  }
  failures = 0;
  last_failure.reset();
  auto member = std::make_unique<pool_member>();
  member->session = std::move(session);
  member->made = steady_clock::now();
  idle.push_back(std::move(member));
}

void pool_state::attempt_failed(const error& why) {
  ++attempts_failed;
  last_failure = why;
  if (needs_a_person(why)) {
    while (!waiting.empty()) refuse_first(why);
  }
  // Attempts that began together and fail together are one failure, with one pause behind it.
  if (backing_off) return;
  ++failures;
  backing_off = true;
  const auto jitter = std::uniform_real_distribution<double>{}(random);
  pause.expires_after(fsm::backoff(failures, options.backoff_min, options.backoff_max, jitter));
  const auto resume = [weak = weak_from_this()](boost::system::error_code cancelled) {
    if (cancelled) return;
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
  if (member->session->outdated()) distrust_all_made_until_now();
  if (reusable(*member)) {
    idle.push_back(std::move(member));
  } else {
    retire(std::move(member->session));
  }
  retire_outdated();
  came_back.cancel();
  pump();
}

void pool_state::retire_outdated() {
  const auto stays = [this](const auto& member) { return current(*member); };
  const auto first = std::stable_partition(idle.begin(), idle.end(), stays);
  // Each goodbye may end at once and pump, so the queue is in order before the first.
  std::vector<std::unique_ptr<pool_member>> outdated{std::make_move_iterator(first),
                                                     std::make_move_iterator(idle.end())};
  idle.erase(first, idle.end());
  for (auto& each : outdated) retire(std::move(each->session));
}

void pool_state::begin_closing() {
  closing = true;
  pause.cancel();
  for (auto& each : attempts_under_way) each.emit(asio::cancellation_type::terminal);
  pump();
}

void pool_state::close_idle() {
  auto session = std::move(idle.back()->session);
  idle.pop_back();
  retire(std::move(session));
}

void pool_state::retire(std::unique_ptr<connection> session) {
  ++retiring;
  auto goodbye = say_goodbye(std::move(session));
  asio::co_spawn(executor, std::move(goodbye),
                 [self = shared_from_this()](const std::exception_ptr&) {
                   --self->retiring;
                   self->came_back.cancel();
                   self->pump();
                 });
}

}  // namespace ingestor::pg
