#include "pg/pool_state.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using namespace std::string_literals;
using steady_clock = std::chrono::steady_clock;

error closing_error() {
  return make_error(error_category::shutdown, "the connection pool is closing");
}

asio::awaitable<result<member_ptr>> make_member(connection_options options,
                                                steady_clock::duration timeout, key_deriver& keys) {
  auto member = std::make_unique<pool_member>();
  member->began = steady_clock::now();
  auto made = co_await connect(std::move(options), timeout, keys);
  if (!made) co_return made.error();
  member->session = std::move(*made);
  co_return std::move(member);
}

asio::awaitable<member_ptr> ask_for_life(member_ptr member, steady_clock::duration timeout) {
  co_await member->session->answers(timeout);
  co_return std::move(member);
}

asio::awaitable<void> say_goodbye(member_ptr member) {
  co_await member->session->close();
}

/// Runs in the background until it ends, or the pool closes.
template <class T, class OnEnd>
void start(pool_state& pool, asio::awaitable<T> work, OnEnd on_end) {
  const auto signal = pool.under_way.emplace(pool.under_way.end());
  auto ended = [self = pool.shared_from_this(), signal, on_end = std::move(on_end)](
                   const std::exception_ptr& thrown, T outcome) {
    // Its memory is in use until this handler has returned.
    asio::post(self->executor, [self, signal] { self->under_way.erase(signal); });
    on_end(*self, thrown, std::move(outcome));
  };
  asio::co_spawn(pool.executor, std::move(work),
                 asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

}  // namespace

error error_of_attempt(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) return closing_error();
    return make_error(error_category::connection, "cannot connect: "s + failure.what());
  } catch (const std::exception& failure) {
    return make_error(error_category::connection, "cannot connect: "s + failure.what());
  }
}

pool_state::pool_state(const asio::any_io_executor& on, pool_options with, key_deriver& deriver)
    : executor{on},
      options{std::move(with)},
      keys{deriver},
      pause{on},
      came_back{on, time_point::max()},
      random{std::random_device{}()} {
  known.limits = {options.size, options.connection_age_max, options.idle_check_after};
}

std::vector<fsm::idle_connection> pool_state::seen() const {
  using risk = fsm::late_cancel::risk;
  std::vector<fsm::idle_connection> all;
  all.reserve(idle.size());
  for (const auto& each : idle) {
    const auto& session = *each->session;
    const auto cancel = session.late_cancel();
    const bool reusable =
        session.usable() && session.transaction_status() == 'I' && cancel != risk::for_ever;
    all.push_back({each->began, session.heard(), reusable, cancel == risk::none});
  }
  return all;
}

void pool_state::pump(time_point now) {
  for (;;) {
    const auto idle_now = seen();
    auto view = known;
    view.now = now;
    view.idle = idle_now;
    view.waiting = waiting.size();
    const auto wanted = fsm::next_action(view);
    if (wanted.what == fsm::pool_action::kind::none) return;
    perform(wanted);
  }
}

void pool_state::perform(const fsm::pool_action& wanted) {
  using kind = fsm::pool_action::kind;
  switch (wanted.what) {
    case kind::none:
      return;
    case kind::lend:
      return lend(wanted.index);
    case kind::check:
      return check(wanted.index);
    case kind::retire:
      return retire(take(wanted.index));
    case kind::connect:
      return connect();
    case kind::refuse:
      return refuse_first(closing_error());
  }
}

member_ptr pool_state::take(std::size_t index) {
  const auto at = idle.begin() + static_cast<std::ptrdiff_t>(index);
  auto member = std::move(*at);
  idle.erase(at);
  return member;
}

void pool_state::heed(const connection& session) {
  if (session.outdated()) known.role_changed = steady_clock::now();
}

void pool_state::moved() {
  came_back.cancel();
  pump(steady_clock::now());
}

void pool_state::add_idle(member_ptr member) {
  const auto answered = member->session->heard();
  idle.push_back(std::move(member));
  // As of when it answered it needs no check, even where there is one before each lease.
  pump(answered);
  moved();
}

bool pool_state::sound(std::size_t index) {
  auto& session = *idle[index]->session;
  const bool quiet = session.quiet();
  heed(session);
  return quiet && !session.outdated();
}

void pool_state::lend(std::size_t index) {
  if (!sound(index)) return;
  auto* const first = waiting.front();
  waiting.pop_front();
  ++known.in_use;
  first->outcome.emplace(take(index));
  first->woken.cancel();
}

void pool_state::take_back(member_ptr member) {
  --known.in_use;
  heed(*member->session);
  idle.push_back(std::move(member));
  moved();
}

void pool_state::check(std::size_t index) {
  if (!sound(index)) return;
  auto member = take(index);
  ++known.checking;
  const auto last_heard = member->session->heard();
  auto work = ask_for_life(std::move(member), options.health_check_timeout);
  start(*this, std::move(work),
        [last_heard](pool_state& self, const std::exception_ptr&, member_ptr asked) {
          self.check_ended(last_heard, std::move(asked));
        });
}

void pool_state::check_ended(time_point last_heard, member_ptr member) {
  --known.checking;
  if (!member) return moved();
  heed(*member->session);
  if (member->session->usable()) return add_idle(std::move(member));
  known.unanswered = std::max(known.unanswered, last_heard);
  idle.push_back(std::move(member));
  moved();
}

void pool_state::connect() {
  ++known.connecting;
  ++attempts;
  auto work = make_member(options.connection, options.connect_timeout, keys);
  start(*this, std::move(work),
        [](pool_state& self, const std::exception_ptr& thrown, result<member_ptr> made) {
          if (thrown) made = error_of_attempt(thrown);
          self.attempt_ended(std::move(made));
        });
}

void pool_state::attempt_ended(result<member_ptr> made) {
  --known.connecting;
  if (made && !known.closing && !(*made)->session->quiet()) {
    const auto unsaid =
        make_error(error_category::connection, "the connection was closed as soon as it was made");
    made = (*made)->session->last_words().value_or(unsaid);
  }
  if (!made) {
    if (!known.closing) attempt_failed(made.error());
    return moved();
  }
  known.trouble = {};
  last_failure.reset();
  add_idle(std::move(*made));
}

void pool_state::attempt_failed(const error& why) {
  ++attempts_failed;
  last_failure = why;
  if (fsm::needs_a_person(why)) {
    while (!waiting.empty()) refuse_first(why);
  }
  const auto jitter = std::uniform_real_distribution<double>{}(random);
  known.trouble = fsm::after_failure(known.trouble, steady_clock::now(), options.backoff_min,
                                     options.backoff_max, jitter);
  pause.expires_at(known.trouble.until);
  const auto resume = [weak = weak_from_this()](boost::system::error_code cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled) self->pump(steady_clock::now());
  };
  pause.async_wait(resume);
}

void pool_state::refuse_first(const error& why) {
  auto* const first = waiting.front();
  waiting.pop_front();
  first->outcome.emplace(why);
  first->woken.cancel();
}

void pool_state::begin_closing() {
  known.closing = true;
  pause.cancel();
  for (auto& each : under_way) each.emit(asio::cancellation_type::terminal);
  pump(steady_clock::now());
}

void pool_state::retire(member_ptr member) {
  ++known.retiring;
  auto goodbye = say_goodbye(std::move(member));
  asio::co_spawn(executor, std::move(goodbye),
                 [self = shared_from_this()](const std::exception_ptr&) {
                   --self->known.retiring;
                   self->moved();
                 });
}

}  // namespace ingestor::pg
