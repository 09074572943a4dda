#include "app/pulse.hpp"

#include "app/system_clock.hpp"
#include "telemetry/events/lifecycle.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto lag_interval = 100ms;
constexpr auto rate_interval = 1s;

}  // namespace

double pulse::loop_lag_max_seconds() const {
  return lag_.value(clock::now());
}

void pulse::note_lag(clock::time_point due, clock::time_point now) {
  const std::chrono::duration<double> late = now - due;
  lag_.add(now, late.count());
  parts_.recorder.record(telemetry::loop_turned{late.count()});
}

void pulse::sample_rates(clock::time_point now) {
  const auto& totals = parts_.service.totals();
  rows_.add(now, static_cast<double>(totals.rows_copied));
  bytes_.add(now, static_cast<double>(totals.bytes_read));
}

pulse::mark pulse::mark_at(clock::time_point now) const {
  const auto& totals = parts_.service.totals();
  const auto lag = parts_.metrics.commit_lag.Collect().histogram;
  return {now, static_cast<double>(totals.rows), static_cast<double>(totals.bytes_read),
          lag.sample_sum, static_cast<double>(lag.sample_count)};
}

void pulse::sample_history(clock::time_point now) {
  const auto next = mark_at(now);
  const std::chrono::duration<double> passed = now - last_.at;
  const auto commits = next.lag_count - last_.lag_count;
  telemetry::history_sample sample{};
  sample.at = system_now();
  sample.rows_per_second = (next.rows - last_.rows) / passed.count();
  sample.bytes_per_second = (next.bytes - last_.bytes) / passed.count();
  if (commits > 0) sample.commit_lag_seconds = (next.lag_sum - last_.lag_sum) / commits;
  sample.pending_files = pending_;
  last_hour_.add(sample);
  last_ = next;
}

asio::awaitable<void> pulse::beat() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  last_ = mark_at(clock::now());
  auto rates_due = last_.at;
  for (;;) {
    timer.expires_after(lag_interval);
    const auto due = timer.expiry();
    co_await timer.async_wait(asio::use_awaitable);
    const auto now = clock::now();
    note_lag(due, now);
    if (now < rates_due) continue;
    rates_due = now + rate_interval;
    sample_rates(now);
    if (now - last_.at >= telemetry::history::interval) sample_history(now);
  }
}

}  // namespace ingestor::app
