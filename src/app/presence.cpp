#include "app/presence.hpp"

#include "app/version.hpp"
#include "ledger/presence.hpp"
#include "telemetry/events/dependencies.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

constexpr auto report_interval = 5s;
constexpr auto acquire_timeout = 3s;
constexpr auto leave_timeout = 1s;

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

ledger::fetcher_presence stored(const telemetry::fetcher_report& fetcher) {
  ledger::fetcher_presence out{};
  out.stage = telemetry::name_of(fetcher.stage);
  out.key = fetcher.key;
  out.file_id = fetcher.file_id;
  out.files = number(fetcher.files);
  out.files_read = number(fetcher.files_read);
  out.bytes_total = number(fetcher.bytes_total);
  out.bytes_read = number(fetcher.bytes_read);
  out.rows = number(fetcher.rows);
  out.seconds = fetcher.seconds;
  return out;
}

ledger::presence stored(const telemetry::replica_report& report) {
  ledger::presence out{};
  out.version = report.version;
  out.state = report.state;
  out.uptime_seconds = report.uptime_seconds;
  out.files_completed = number(report.files_completed);
  out.files_failed = number(report.files_failed);
  out.rows = number(report.rows);
  out.lines_rejected = number(report.lines_rejected);
  out.bytes_compressed = number(report.bytes_compressed);
  out.rows_per_second = report.rows_per_second;
  out.bytes_per_second = report.bytes_per_second;
  for (const auto& fetcher : report.fetchers) out.fetchers.push_back(stored(fetcher));
  return out;
}

}  // namespace

presence::presence(assembly& parts, const config::settings& settings, const pulse& of)
    : parts_{parts}, settings_{settings}, pulse_{of} {}

std::string_view presence::state() const {
  if (parts_.service.stopping()) return "stopping";
  return started_up_ ? "running" : "starting";
}

telemetry::replica_report presence::report() const {
  const auto done = parts_.metrics.done();
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - began_;
  telemetry::replica_report out{};
  out.version = version;
  out.state = state();
  out.uptime_seconds = uptime.count();
  out.files_completed = done.files_completed;
  out.files_failed = done.files_failed;
  out.rows = done.rows;
  out.lines_rejected = done.lines_rejected;
  out.bytes_compressed = done.bytes_compressed;
  out.rows_per_second = pulse_.rows_per_second();
  out.bytes_per_second = pulse_.bytes_per_second();
  out.fetchers = parts_.service.fetchers();
  out.fetchers.resize(std::min(out.fetchers.size(), telemetry::fetchers_reported_max));
  return out;
}

asio::awaitable<void> presence::report_once() {
  auto lease = co_await parts_.control.lease(acquire_timeout);
  if (!lease) co_return;  // the fetchers and the probes tell that
  const ledger::scope scope{settings_.s3.bucket, settings_.s3.prefix};
  auto self = stored(report());
  self.session = parts_.service.session();
  self.name = settings_.replica;
  const auto reported = co_await ledger::report(**lease, scope, self);
  const bool refused = !reported && (*lease)->usable();
  if (refused && !refused_) {
    const auto why = reported.error().text();
    parts_.recorder.record(telemetry::report_refused{why});
  }
  refused_ = refused;
}

asio::awaitable<void> presence::keep_reporting() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    co_await report_once();
    timer.expires_after(report_interval);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> presence::leave() {
  if (parts_.service.database_trouble().active()) co_return;
  auto lease = co_await parts_.control.lease(leave_timeout);
  if (!lease) co_return;
  asio::steady_timer limit{co_await asio::this_coro::executor, leave_timeout};
  auto leaving = ledger::leave(**lease, parts_.service.session());
  auto waiting = limit.async_wait(asio::as_tuple(asio::use_awaitable));
  co_await (std::move(leaving) || std::move(waiting));
}

}  // namespace ingestor::app
