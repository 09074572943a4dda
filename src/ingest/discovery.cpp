#include "ingest/discovery.hpp"

#include "base/utf8.hpp"
#include "ledger/queue.hpp"
#include "telemetry/events/files.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Files that return to the queue in one statement.
constexpr std::int64_t requeue_files_max = 1000;

/// Between two looks for files whose backoff or lease is over.
constexpr std::chrono::milliseconds requeue_interval_min = 200ms;
constexpr std::chrono::milliseconds requeue_interval_max = 5s;

// Consoles make "folders" of empty objects whose key ends in a slash.
bool is_file(const s3::object_summary& object) {
  return !(object.key.ends_with('/') && object.size == 0);
}

bool is_storable(const s3::object_summary& object) {
  return check_utf8(object.key).valid_bytes == object.key.size();
}

struct pass {
  telemetry::discovery_finished counts;
  std::vector<ledger::listed_object> batch;
};

void collect(pipeline& on, pass& current, const s3::list_page& page) {
  for (const auto& object : page.objects) {
    if (!is_file(object)) continue;
    ++current.counts.objects_listed;
    if (!is_storable(object)) {
      on.telemetry.record(telemetry::key_skipped{object.key});
      continue;
    }
    current.batch.push_back({object.key, object.etag, object.size, object.last_modified});
  }
}

// False when the database could not be asked.
asio::awaitable<bool> enqueue(pipeline& on, pass& current,
                              std::span<const ledger::listed_object> objects) {
  auto lease = co_await on.acquire(on.control);
  if (!lease) co_return false;
  const auto then = on.settings.on_overwrite == config::overwrite::replace
                        ? ledger::overwritten::replaced
                        : ledger::overwritten::ignored;
  const auto done = co_await ledger::enqueue(**lease, on.scope, objects, then);
  if (!done) {
    on.database_trouble.failed(use::ask, done.error().text());
    co_return false;
  }
  on.database_trouble.recovered(use::ask);
  current.counts.files_queued += done->queued + done->changed;
  current.counts.objects_changed += done->overwritten;
  if (done->queued + done->changed > 0) on.work.notify();
  co_return true;
}

// Everything in whole batches; `all` sends the rest too.
asio::awaitable<bool> flush(pipeline& on, pass& current, bool all) {
  const auto batch_size = on.settings.batch_size;
  while (current.batch.size() >= (all ? 1 : batch_size)) {
    const auto count = std::min(batch_size, current.batch.size());
    const std::span<const ledger::listed_object> head{current.batch.data(), count};
    for (;;) {
      const bool done = co_await enqueue(on, current, head);
      if (done) break;
      if (on.stopping) co_return false;
      co_await on.wait_out(on.database_trouble);
    }
    current.batch.erase(current.batch.begin(),
                        current.batch.begin() + static_cast<std::ptrdiff_t>(count));
  }
  co_return true;
}

}  // namespace

asio::awaitable<discovered> discover(pipeline& on) {
  const auto start = std::chrono::steady_clock::now();
  pass current{};
  s3::list_position from;
  do {
    auto page = co_await on.s3.list_objects_v2(on.scope.key_prefix, from);
    if (on.stopping) co_return discovered::stopped;
    if (!page) {
      on.blame_s3(use::ask, from_s3(page.error()));
      // A token may have expired: the same request would be refused for ever.
      if (!page.error().transient()) {
        from = {};
        current = {};
      }
      co_await on.wait_out(on.s3_trouble);
      continue;
    }
    on.s3_trouble.recovered(use::ask);
    collect(on, current, *page);
    on.totals.objects_listed = current.counts.objects_listed;
    from = page->next;
    const bool flushed = co_await flush(on, current, from.empty());
    if (!flushed) co_return discovered::stopped;
    if (from.empty()) break;
  } while (!on.stopping);
  if (on.stopping) co_return discovered::stopped;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  current.counts.seconds = took.count();
  on.totals.objects_changed = current.counts.objects_changed;
  on.telemetry.record(current.counts);
  co_return discovered::all;
}

asio::awaitable<void> keep_discovering(pipeline& on) {
  while (!on.stopping) {
    (void)co_await discover(on);
    co_await on.rest(on.settings.poll_interval);
  }
}

namespace {

enum class requeued { all, some, not_asked };

asio::awaitable<requeued> requeue_some(pipeline& on) {
  auto lease = co_await on.acquire(on.control);
  if (!lease) co_return requeued::not_asked;
  const auto ended = co_await ledger::end_silent_sessions(**lease, on.scope);
  if (!ended) {
    on.database_trouble.failed(use::ask, ended.error().text());
    co_return requeued::not_asked;
  }
  if (*ended > 0) {
    const telemetry::sessions_ended event{static_cast<std::uint64_t>(*ended)};
    on.telemetry.record(event);
  }
  const auto due = co_await ledger::requeue(**lease, on.scope, requeue_files_max);
  if (!due) {
    on.database_trouble.failed(use::ask, due.error().text());
    co_return requeued::not_asked;
  }
  const auto returned = due->retried + due->expired;
  on.totals.files_failed += static_cast<std::uint64_t>(due->given_up);
  if (returned + due->given_up > 0) {
    telemetry::files_requeued event{};
    event.retried = static_cast<std::uint64_t>(due->retried);
    event.expired = static_cast<std::uint64_t>(due->expired);
    event.given_up = static_cast<std::uint64_t>(due->given_up);
    on.telemetry.record(event);
    on.work.notify();
  }
  const bool more =
      due->retried == requeue_files_max || due->expired + due->given_up == requeue_files_max;
  co_return more ? requeued::some : requeued::all;
}

}  // namespace

asio::awaitable<bool> requeue_due(pipeline& on) {
  requeued done{};
  do {
    done = co_await requeue_some(on);
  } while (done == requeued::some && !on.stopping);
  co_return done != requeued::not_asked;
}

asio::awaitable<void> keep_requeueing(pipeline& on) {
  const auto shortest =
      std::min({on.settings.lease / 4, on.settings.retry_backoff / 2, on.settings.poll_interval});
  const auto interval = std::clamp(shortest, requeue_interval_min, requeue_interval_max);
  while (!on.stopping) {
    (void)co_await requeue_due(on);
    co_await on.rest(interval);
  }
}

}  // namespace ingestor::ingest
