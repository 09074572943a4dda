#include "app/watch.hpp"

#include "app/ledger_view.hpp"
#include "app/system_clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// With what a probe may take itself, this keeps /readyz within the ten seconds that are promised.
constexpr auto probe_interval = 3s;
// Who is there and what failed is cheap to ask for. What is counted reads the whole ledger: ten
// seconds are the oldest that it may be, and the soonest that it is asked for again.
constexpr auto ledger_interval = 5s;
constexpr auto count_interval = 10s;
constexpr auto acquire_timeout = 5s;

std::optional<telemetry::ongoing_trouble> ongoing(const ingest::trouble& with) {
  if (!with.active()) return std::nullopt;
  const std::chrono::duration<double> lasting = with.lasting();
  return telemetry::ongoing_trouble{with.error(), lasting.count()};
}

}  // namespace

watch::watch(assembly& parts, const config::settings& settings, pulse& of, const presence& self)
    : parts_{parts}, settings_{settings}, pulse_{of}, self_{self} {}

telemetry::snapshot watch::now() const {
  telemetry::snapshot seen{};
  seen.state = state();
  seen.replica = settings_.replica;
  seen.source = "s3://" + settings_.s3.bucket + "/" + settings_.s3.prefix;
  seen.now = system_now();
  seen.own = self_.report();
  seen.loop_lag_max_seconds = pulse_.loop_lag_max_seconds();
  seen.s3 = ongoing(parts_.service.s3_trouble());
  seen.database = ongoing(parts_.service.database_trouble());
  seen.ledger = ledger_ ? &*ledger_ : nullptr;
  seen.last_hour = &pulse_.last_hour();
  return seen;
}

telemetry::run_state watch::state() const {
  if (parts_.service.stopping()) return telemetry::run_state::stopping;
  return started_up_ ? telemetry::run_state::running : telemetry::run_state::starting;
}

telemetry::readiness watch::ready() const {
  return {.state = state(),
          .s3_usable = !parts_.service.s3_trouble().active(),
          .database_usable = !parts_.service.database_trouble().active()};
}

telemetry::endpoint_sources watch::sources() {
  return {.measure = [this] { measure(); },
          .ready = [this] { return ready(); },
          .now = [this] { return now(); }};
}

void watch::measure() {
  telemetry::pool_changed connections{};
  for (const auto* pool : {&parts_.rows, &parts_.control, &parts_.heartbeats}) {
    const auto stats = pool->stats();
    connections.idle += stats.idle;
    connections.busy += stats.in_use;
    connections.connecting += stats.connecting;
  }
  parts_.recorder.record(connections);
  parts_.recorder.record(
      telemetry::buffers_changed{parts_.service.buffer_bytes() + parts_.s3.part_bytes()});
}

// What is shown is all of one reading, or what was shown before.
asio::awaitable<bool> watch::read_ledger(bool counting) {
  auto lease = co_await parts_.control.lease(acquire_timeout);
  if (!lease) co_return false;
  const ledger::scope scope{settings_.s3.bucket, settings_.s3.prefix};
  auto next = ledger_.value_or(telemetry::ledger_figures{});
  if (counting) {
    const auto counted = co_await read_counts(**lease, scope, next);
    if (!counted) co_return false;
  }
  const auto read = co_await read_details(**lease, scope, next);
  if (!read) co_return false;
  ledger_ = std::move(next);
  co_return true;
}

asio::awaitable<void> watch::keep_reading_ledger() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  auto count_due = std::chrono::steady_clock::now();
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    const bool counting = now >= count_due;
    timer.expires_after(ledger_interval);
    const bool read = co_await read_ledger(counting);
    if (read && counting) {
      count_due = now + count_interval;
      parts_.metrics.set(*ledger_);
    }
    pulse_.set_pending(read ? std::optional{static_cast<double>(ledger_->files.pending)}
                            : std::nullopt);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> watch::keep_probing(probe ask) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    timer.expires_after(probe_interval);
    co_await timer.async_wait(asio::use_awaitable);
    co_await (parts_.service.*ask)();
  }
}

}  // namespace ingestor::app
