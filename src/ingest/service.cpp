#include "ingest/service.hpp"

#include "ingest/conclude.hpp"
#include "ingest/discovery.hpp"
#include "ingest/fetcher.hpp"
#include "ledger/figures.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

constexpr auto trouble_check_interval = 500ms;
constexpr std::chrono::steady_clock::duration probe_timeout = 3s;
/// Of the grace period, what giving claims back may take.
constexpr std::chrono::milliseconds give_back_time_max = 3s;

}  // namespace

service::service(const asio::any_io_executor& executor, const resources& with)
    : on_{executor, with}, workers_{executor}, helpers_{executor} {}

void service::start_fetchers(until when) {
  for (std::size_t n = 0; n < on_.settings.db_pool_size; ++n) workers_.spawn(fetch(on_, when));
}

asio::awaitable<std::string> service::once() {
  helpers_.spawn(on_.keeper.run());
  helpers_.spawn(watch_trouble());
  workers_.spawn(discover_once());
  start_fetchers(until::drained);
  co_await finish();
  co_return gave_up_;
}

asio::awaitable<void> service::run() {
  helpers_.spawn(on_.keeper.run());
  workers_.spawn(keep_discovering(on_));
  workers_.spawn(keep_requeueing(on_));
  start_fetchers(until::stopped);
  co_await finish();
}

std::size_t service::buffer_bytes() const {
  std::size_t sum = 0;
  for (const auto* shop : on_.workshops) sum += shop->bytes();
  return sum;
}

std::vector<telemetry::fetcher_report> service::fetchers() const {
  std::vector<telemetry::fetcher_report> all;
  all.reserve(on_.workshops.size());
  for (const auto* shop : on_.workshops) all.push_back(shop->report());
  return all;
}

void service::stop() {
  if (on_.stopping) return;
  on_.stop();
  helpers_.spawn(enforce_grace());
}

asio::awaitable<void> service::discover_once() {
  while (!on_.stopping) {
    const bool asked = co_await requeue_due(on_);
    if (asked) break;
    co_await on_.wait_out(on_.database_trouble);
  }
  (void)co_await discover(on_);
  co_await measure_backlog();
  on_.discovery_ended = true;
  on_.work.notify();
}

// For the progress that people see; without an answer it shows no total.
asio::awaitable<void> service::measure_backlog() {
  auto lease = co_await on_.acquire(on_.control);
  if (!lease) co_return;
  const auto found = co_await ledger::read_backlog(**lease, on_.scope, on_.claiming_terms.session);
  if (!found) co_return;
  auto& totals = on_.totals;
  totals.files_total =
      totals.files_completed + totals.files_failed + static_cast<std::uint64_t>(found->files);
  totals.bytes_total = totals.bytes_done + static_cast<std::uint64_t>(found->bytes);
}

asio::awaitable<void> service::watch_trouble() {
  asio::steady_timer timer{on_.executor};
  for (;;) {
    timer.expires_after(trouble_check_interval);
    co_await timer.async_wait(asio::use_awaitable);
    for (const auto* trouble : {&on_.s3_trouble, &on_.database_trouble}) {
      if (on_.stopping || trouble->in_all() < trouble_wait_max) continue;
      gave_up_ = trouble->error();
      stop();
    }
  }
}

asio::awaitable<void> service::probe_s3() {
  asio::steady_timer limit{on_.executor, probe_timeout};
  auto checking = on_.s3.check_bucket(on_.scope.key_prefix);
  auto waiting = limit.async_wait(asio::as_tuple(asio::use_awaitable));
  const auto first = co_await (std::move(checking) || std::move(waiting));
  // A probe that was cancelled because all is stopping has learnt nothing.
  if (on_.stopping) co_return;
  const auto* const answered = std::get_if<0>(&first);
  if (answered == nullptr) {
    on_.s3_trouble.failed(use::reach, "S3 does not answer");
  } else if (!*answered) {
    on_.blame_s3(use::reach, from_s3(answered->error()));
  } else {
    on_.s3_trouble.recovered(use::reach);
  }
}

asio::awaitable<void> service::probe_database() {
  auto lease = co_await on_.control.lease(probe_timeout);
  if (on_.stopping) co_return;
  if (!lease) {
    on_.database_trouble.failed(use::reach, lease.error().text());
    co_return;
  }
  const auto answered = co_await ledger::probe(**lease, probe_timeout);
  if (on_.stopping) co_return;
  if (answered) {
    on_.database_trouble.recovered(use::reach);
  } else {
    on_.database_trouble.failed(use::reach, answered.error().text());
  }
}

std::chrono::milliseconds service::give_back_time() const {
  return std::min(on_.settings.shutdown_grace / 4, give_back_time_max);
}

asio::awaitable<void> service::enforce_grace() {
  asio::steady_timer timer{on_.executor, on_.settings.shutdown_grace - give_back_time()};
  co_await timer.async_wait(asio::use_awaitable);
  workers_.cancel();
}

// Everything that is still claimed goes back to the queue.
asio::awaitable<void> service::let_go() {
  co_await give_back(on_, on_.keeper.held(), ledger::place::kept);
  if (!on_.may_have_claimed_unheard()) co_return;
  auto lease = co_await on_.control.lease(give_back_time());
  if (lease) (void)co_await give_back_unheard(on_, **lease);
}

asio::awaitable<void> service::finish() {
  co_await workers_.join();
  helpers_.cancel();
  co_await helpers_.join();
  asio::steady_timer limit{on_.executor, give_back_time()};
  co_await (let_go() || limit.async_wait(asio::as_tuple(asio::use_awaitable)));
}

}  // namespace ingestor::ingest
