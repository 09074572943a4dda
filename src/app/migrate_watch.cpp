#include "app/migrate_watch.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <unistd.h>
#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

// pid 12 (psql), pid 13 and 4 more
std::string text_of(const std::vector<ledger::lock_holder>& holders, std::int64_t in_all) {
  std::string out;
  for (const auto& holder : holders) {
    if (!out.empty()) out += ", ";
    out += holder.pid == 0 ? "a prepared transaction" : "pid " + std::to_string(holder.pid);
    if (!holder.application.empty()) out += " (" + holder.application + ")";
  }
  const auto more = in_all - static_cast<std::int64_t>(holders.size());
  if (more > 0 && !out.empty()) out += " and " + std::to_string(more) + " more";
  return out;
}

}  // namespace

migrate_watch::migrate_watch(const config::settings& settings, telemetry::log& log)
    : settings_{settings},
      display_{log, [] { return telemetry::terminal_columns(STDERR_FILENO); }} {}

void migrate_watch::begun(const ledger::step_begun& step) {
  step_ = step;
  step_began_ = clock::now();
  wait_began_.reset();
  sight_ = {};
}

telemetry::migration_progress migrate_watch::seen(clock::time_point now) const {
  const std::chrono::duration<double> lasting = now - wait_began_.value_or(step_began_);
  telemetry::migration_progress out{};
  out.step = step_.version;
  out.steps = ledger::schema_version_wanted();
  out.name = step_.name;
  out.seconds = lasting.count();
  if (sight_.waits_for_lock) {
    out.waits = sight_.for_another_migration
                    ? telemetry::migration_progress::wait::another_migration
                    : telemetry::migration_progress::wait::lock;
    out.table = sight_.table;
    out.held_by = text_of(sight_.holders, sight_.holders_in_all);
  } else if (sight_.index) {
    out.table = sight_.index->table;
    out.phase = sight_.index->phase;
    if (sight_.index->total > 0) {
      out.share =
          static_cast<double>(sight_.index->done) / static_cast<double>(sight_.index->total);
    }
  }
  return out;
}

asio::awaitable<void> migrate_watch::look() {
  next_look_ = clock::now() + look_interval;
  if (!db_ || !db_->usable()) {
    db_.reset();
    auto made = co_await pg::connect(settings_.database, look_timeout);
    if (!made) {
      next_look_ = clock::now() + retry_interval;
      co_return;
    }
    db_ = std::move(*made);
  }
  const auto pid = step_.backend_pid;
  auto found = co_await ledger::look_at_migration(*db_, pid, look_timeout);
  // Another step may have begun meanwhile.
  if (!found || pid != step_.backend_pid) co_return;
  sight_ = std::move(*found);
  if (!sight_.waits_for_lock) {
    wait_began_.reset();
  } else if (!wait_began_) {
    wait_began_ = step_began_;
  }
}

asio::awaitable<void> migrate_watch::run() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    timer.expires_after(telemetry::progress_place::redraw_interval);
    co_await timer.async_wait(asio::use_awaitable);
    if (step_.backend_pid == 0 || clock::now() - step_began_ < silence) continue;
    if (clock::now() >= next_look_) co_await look();
    const auto now = clock::now();
    display_.update(seen(now), now);
  }
}

asio::awaitable<void> migrate_watch::close() {
  display_.clear();
  if (db_) co_await db_->close();
}

}  // namespace ingestor::app
