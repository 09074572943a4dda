#include "ingest/fetcher.hpp"

#include "ingest/conclude.hpp"
#include "ingest/load_file.hpp"
#include "ingest/load_group.hpp"
#include "ledger/figures.hpp"
#include "telemetry/events/files.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Other replicas queue files too, and nobody tells this one.
constexpr std::chrono::milliseconds idle_poll = 2s;
constexpr std::chrono::milliseconds drained_poll = 50ms;

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

class registration {
 public:
  registration(pipeline& on, const workshop& shop) : on_{on}, shop_{shop} {
    on_.workshops.push_back(&shop_);
  }
  registration(const registration&) = delete;
  registration& operator=(const registration&) = delete;
  ~registration() { std::erase(on_.workshops, &shop_); }

 private:
  pipeline& on_;
  const workshop& shop_;
};

// From where the last claim ended; from the front when nothing is left there.
asio::awaitable<pg::result<std::vector<ledger::claimed_file>>> take(pipeline& on,
                                                                    pg::connection& db) {
  const auto now = std::chrono::steady_clock::now();
  auto from = on.cursor.next(now);
  auto files = co_await ledger::take(db, on.scope, on.claiming_terms, from);
  const ledger::queue_position front;
  if (files && files->empty() && from != front) {
    from = front;
    files = co_await ledger::take(db, on.scope, on.claiming_terms, from);
  }
  if (files && !files->empty()) {
    const auto first = std::ranges::min_element(*files, {}, &ledger::claimed_file::place);
    on.cursor.claimed(from, first->place, now);
  }
  co_return files;
}

asio::awaitable<result<std::vector<ledger::claimed_file>, failure>> claim(pipeline& on,
                                                                          pg::connection& db) {
  const auto guard = co_await on.claiming.lock();
  if (on.stopping) co_return std::vector<ledger::claimed_file>{};
  const auto returned = co_await give_back_unheard(on, db);
  if (!returned) co_return from_database(returned.error());
  auto files = co_await take(on, db);
  if (!files) {
    if (!db.usable())
      on.unheard_claims_until = std::chrono::steady_clock::now() + on.settings.lease;
    co_return from_database(files.error());
  }
  on.keeper.add(*files);
  std::uint64_t bytes = 0;
  for (const auto& file : *files) bytes += static_cast<std::uint64_t>(file.size);
  on.telemetry.record(telemetry::claimed{files->size(), bytes});
  for (const auto& file : *files) {
    on.telemetry.record(telemetry::file_claimed{file.held.id, file.key, file.size, file.attempts});
  }
  co_return std::move(*files);
}

asio::awaitable<std::vector<load_result>> load_alone(const loader& with, pg::connection& db,
                                                     const ledger::claimed_file& file,
                                                     workshop& shop, care how) {
  std::vector<load_result> results;
  results.push_back(co_await load_file(with, db, file, shop, how));
  co_return results;
}

// Ends `loading` as soon as one of `files` is known to be lost: what it does is for nothing then.
asio::awaitable<std::vector<load_result>> while_held(
    pipeline& on, std::span<const ledger::claimed_file> files,
    asio::awaitable<std::vector<load_result>> loading) {
  using namespace asio::experimental::awaitable_operators;
  auto losing = on.keeper.until_lost(files);
  auto first = co_await (std::move(loading) || std::move(losing));
  if (auto* const results = std::get_if<0>(&first)) co_return std::move(*results);
  load_result stopped{};
  stopped.why = {failure_kind::claim_lost, stage::write, "a lease ran out while it was loaded"};
  co_return std::vector<load_result>(files.size(), stopped);
}

asio::awaitable<void> load_one(pipeline& on, pg::connection& db, const ledger::claimed_file& file,
                               workshop& shop, care how = care::none) {
  const loader with{on.s3, on.writing_terms, on};
  const std::span<const ledger::claimed_file> just_this{&file, 1};
  std::vector<load_result> results;
  if (db.usable()) {
    auto loading = load_alone(with, db, file, shop, how);
    results = co_await while_held(on, just_this, std::move(loading));
  } else {
    results.emplace_back().why = {failure_kind::database, stage::write, "the connection was lost"};
  }
  co_await conclude(on, just_this, std::move(results));
}

// The group is concluded before what is left of it is loaded: what is committed is told at once.
asio::awaitable<void> load_together(pipeline& on, pg::connection& db,
                                    const std::vector<ledger::claimed_file>& files,
                                    workshop& shop) {
  const loader with{on.s3, on.writing_terms, on};
  auto loading = load_group(with, db, files, shop);
  auto results = co_await while_held(on, files, std::move(loading));
  std::vector<std::pair<ledger::claimed_file, care>> alone;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (results[i].what != load_ending::alone) continue;
    alone.emplace_back(files[i], care_for(results[i]));
  }
  co_await conclude(on, files, std::move(results));
  for (const auto& [file, how] : alone) co_await load_one(on, db, file, shop, how);
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
  auto lease = co_await on.acquire(on.control);
  if (!lease) co_return false;
  const auto left = co_await anything_left(on, **lease);
  if (!left) {
    on.database_trouble.failed(use::ask, left.error().text());
    co_return false;
  }
  co_return !*left && on.fetchers_busy == 0;
}

// An empty queue ends trouble with loading, for then nothing else can. What another replica holds
// may have failed here and may fail there: while it is unfinished there is no telling.
asio::awaitable<void> note_empty_queue(pipeline& on, pg::connection& db) {
  const bool in_trouble = on.s3_trouble.active() || on.database_trouble.active();
  if (!in_trouble || on.fetchers_busy > 0) co_return;
  const auto left = co_await ledger::anything_unfinished(db, on.scope);
  if (!left) {
    on.database_trouble.failed(use::ask, left.error().text());
  } else if (!*left && on.fetchers_busy == 0) {
    on.nothing_to_load();
  }
}

// One claim from beginning to end; false when there was nothing to claim.
asio::awaitable<bool> work_once(pipeline& on, workshop& shop) {
  shop.doing.enter(activity::phase::claim);
  auto lease = co_await on.acquire(on.rows);
  if (!lease) co_return true;
  auto files = co_await claim(on, **lease);
  if (!files) {
    on.database_trouble.failed(use::ask, files.error().text);
    co_return true;
  }
  if (files->empty() && on.stopping) co_return false;
  on.database_trouble.recovered(use::ask);
  if (files->empty()) {
    co_await note_empty_queue(on, **lease);
    co_return false;
  }
  const busy_mark busy{on};
  if (files->size() == 1) {
    co_await load_one(on, **lease, files->front(), shop);
  } else {
    co_await load_together(on, **lease, *files, shop);
  }
  co_return true;
}

// While others of this process are at work there is nothing to look for: they say when they end.
asio::awaitable<void> await_work(pipeline& on, until when) {
  if (on.stopping) co_return;
  const bool ending = when == until::drained && on.discovery_ended && on.fetchers_busy == 0;
  co_await on.work.wait(ending ? drained_poll : idle_poll);
}

}  // namespace

asio::awaitable<void> fetch(pipeline& on, until when) {
  workshop shop{on.decoding_terms};
  const registration registered{on, shop};
  while (!on.stopping) {
    shop.doing.enter(activity::phase::idle);
    co_await on.wait_out(on.s3_trouble);
    co_await on.wait_out(on.database_trouble);
    if (on.stopping) co_return;
    const bool worked = co_await work_once(on, shop);
    if (worked) continue;
    shop.doing.enter(activity::phase::idle);
    if (when == until::drained) {
      const bool nothing_left = co_await drained(on);
      if (nothing_left) co_return;
    }
    co_await await_work(on, when);
  }
}

}  // namespace ingestor::ingest
