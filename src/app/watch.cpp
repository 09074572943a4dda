#include "app/watch.hpp"

#include "app/ledger_view.hpp"
#include "app/version.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// With what a probe may take itself, these keep /readyz and the figures within the ten seconds that
// are promised.
constexpr auto ledger_interval = 5s;
constexpr auto probe_interval = 3s;
constexpr auto acquire_timeout = 5s;

timestamp system_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::optional<telemetry::ongoing_trouble> ongoing(const ingest::trouble& with) {
  if (!with.active()) return std::nullopt;
  const std::chrono::duration<double> lasting = with.lasting();
  return telemetry::ongoing_trouble{with.error(), lasting.count()};
}

}  // namespace

watch::watch(assembly& parts, const config::settings& settings)
    : parts_{parts}, settings_{settings} {}

telemetry::snapshot watch::now() const {
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - started_;
  telemetry::snapshot seen{};
  seen.state = state();
  seen.own.version = version;
  seen.replica = settings_.replica;
  seen.source = "s3://" + settings_.s3.bucket + "/" + settings_.s3.prefix;
  seen.own.uptime_seconds = uptime.count();
  seen.now = system_now();
  seen.s3 = ongoing(parts_.service.s3_trouble());
  seen.database = ongoing(parts_.service.database_trouble());
  seen.ledger = ledger_ ? &*ledger_ : nullptr;
  seen.last_hour = &last_hour_;
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

asio::awaitable<void> watch::read_ledger() {
  auto lease = co_await parts_.control.lease(acquire_timeout);
  if (!lease) co_return;
  const ledger::scope scope{settings_.s3.bucket, settings_.s3.prefix};
  auto seen = co_await read_ledger_view(**lease, scope);
  if (!seen) co_return;
  ledger_ = std::move(*seen);
  parts_.metrics.set(*ledger_);
}

asio::awaitable<void> watch::keep_reading_ledger() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    co_await read_ledger();
    timer.expires_after(ledger_interval);
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
