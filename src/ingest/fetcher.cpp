#include "ingest/fetcher.hpp"

#include "ingest/bounds.hpp"
#include "ingest/conclude.hpp"
#include "ingest/load_file.hpp"
#include "ingest/load_group.hpp"
#include "ledger/figures.hpp"
#include "telemetry/events/files.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Other replicas queue files too, and nobody tells this one.
constexpr auto idle_poll = 2s;
constexpr auto drained_poll = 50ms;

class busy_mark {
 public:
  explicit busy_mark(pipeline& on) : on_{on} { ++on_.fetchers_busy; }
  busy_mark(const busy_mark&) = delete;
  busy_mark& operator=(const busy_mark&) = delete;
  ~busy_mark() {
    --on_.fetchers_busy;
    on_.work.notify();
  }

 private:
  pipeline& on_;
};

asio::awaitable<result<std::vector<ledger::claimed_file>, failure>> claim(pipeline& on,
                                                                          pg::connection& db) {
  const auto guard = co_await on.claiming.lock();
  if (on.stopping) co_return std::vector<ledger::claimed_file>{};
  const auto returned = co_await give_back_unheard(on, db);
  if (!returned) co_return from_database(returned.error());
  auto files = co_await ledger::take(db, on.scope, on.claiming_terms);
  if (!files) {
    if (!db.usable())
      on.unheard_claims_until = std::chrono::steady_clock::now() + on.settings.lease;
    co_return from_database(files.error());
  }
  on.keeper.add(*files);
  std::uint64_t bytes = 0;
  for (const auto& file : *files) bytes += static_cast<std::uint64_t>(file.size);
  on.telemetry.record(telemetry::claimed{files->size(), bytes});
  co_return std::move(*files);
}

asio::awaitable<std::vector<load_result>> load(pipeline& on, pg::connection& db,
                                               const std::vector<ledger::claimed_file>& files,
                                               workshop& shop) {
  const loader with{on.s3, on.writing_terms, on};
  std::vector<load_result> results;
  if (files.size() == 1) {
    results.push_back(co_await load_file(with, db, files.front(), shop));
  } else {
    results = co_await load_group(with, db, files, shop);
  }
  co_return results;
}

asio::awaitable<pg::result<bool>> anything_left(pipeline& on, pg::connection& db) {
  const auto guard = co_await on.claiming.lock();
  const auto returned = co_await give_back_unheard(on, db);
  if (!returned) co_return returned.error();
  co_return co_await ledger::anything_pending(db, on.scope);
}

// Whether nothing is left for this process: no row that another session had locked for a moment,
// that a fetcher of ours may yet give back, or that we claimed without hearing so.
asio::awaitable<bool> drained(pipeline& on) {
  if (!on.discovery_ended || on.fetchers_busy > 0) co_return false;
  auto lease = co_await on.control.acquire(acquire_timeout);
  if (!lease) {
    on.database_trouble.failed(lease.error().text());
    co_return false;
  }
  const auto pending = co_await anything_left(on, **lease);
  if (!pending) {
    on.database_trouble.failed(pending.error().text());
    co_return false;
  }
  co_return !*pending && on.fetchers_busy == 0;
}

// One claim from beginning to end; false when there was nothing to claim.
asio::awaitable<bool> work_once(pipeline& on, workshop& shop) {
  auto lease = co_await on.rows.acquire(acquire_timeout);
  if (!lease) {
    on.database_trouble.failed(lease.error().text());
    co_return true;
  }
  auto files = co_await claim(on, **lease);
  if (!files) {
    on.database_trouble.failed(files.error().text);
    co_return true;
  }
  on.database_trouble.recovered();
  if (files->empty()) co_return false;
  const busy_mark busy{on};
  auto results = co_await load(on, **lease, *files, shop);
  { const auto released = std::move(*lease); }
  co_await conclude(on, *files, std::move(results));
  co_return true;
}

}  // namespace

asio::awaitable<void> fetch(pipeline& on, until when) {
  workshop shop{on.decoding_terms};
  while (!on.stopping) {
    co_await on.wait_out(on.s3_trouble);
    co_await on.wait_out(on.database_trouble);
    if (on.stopping) co_return;
    const bool worked = co_await work_once(on, shop);
    if (worked) continue;
    if (when == until::stopped) {
      co_await on.work.wait(idle_poll);
      continue;
    }
    const bool nothing_left = co_await drained(on);
    if (nothing_left) co_return;
    co_await on.work.wait(drained_poll);
  }
}

}  // namespace ingestor::ingest
