#include "ingest/conclude.hpp"

#include "ingest/bounds.hpp"
#include "ingest/relist.hpp"
#include "telemetry/events/files.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;

// Asks until there is an answer, at most as long as a lease lasts: then the claims are nobody's.
// Goes on while the service stops, for then it matters most.
template <class Query>
auto insist(pipeline& on, Query query) -> asio::awaitable<std::optional<typename Query::answer>> {
  asio::steady_timer timer{on.executor};
  const auto until = std::chrono::steady_clock::now() + on.settings.lease;
  do {
    auto lease = co_await on.control.lease(acquire_timeout);
    if (!lease) {
      on.database_trouble.failed(use::reach, lease.error().text());
    } else {
      const auto answer = co_await query.ask(**lease);
      if (answer) co_return *answer;
      on.database_trouble.failed(use::ask, answer.error().text());
    }
    timer.expires_after(
        std::max<trouble::clock::duration>(on.database_trouble.wait(), trouble::backoff_min));
    co_await timer.async_wait(asio::use_awaitable);
  } while (std::chrono::steady_clock::now() < until);
  co_return std::nullopt;
}

struct settle_query {
  using answer = std::vector<ledger::fate>;
  std::span<const ledger::claim> claims;

  auto ask(pg::connection& db) const { return ledger::settle(db, claims); }
};

struct give_back_query {
  using answer = std::uint64_t;
  std::span<const ledger::claim> claims;
  ledger::place where;

  auto ask(pg::connection& db) const { return ledger::give_back(db, claims, where); }
};

std::vector<telemetry::named_count> rejected_by_reason(const object_totals& totals) {
  std::vector<telemetry::named_count> counts;
  for (const auto code : normalise::reject_codes) {
    const auto count = totals.rejected_by_code[static_cast<std::size_t>(code)];
    if (count > 0) counts.push_back({normalise::name(code), count});
  }
  return counts;
}

std::vector<telemetry::named_count> mismatches_by_column(const object_totals& totals) {
  std::vector<telemetry::named_count> counts;
  for (std::size_t n = 0; n < totals.mismatches.size(); ++n) {
    if (totals.mismatches[n] > 0)
      counts.push_back({normalise::log_columns[n], totals.mismatches[n]});
  }
  return counts;
}

void report_completed(pipeline& on, const ledger::claimed_file& file, const load_result& loaded) {
  const auto& totals = loaded.totals;
  ++on.totals.files_completed;
  on.totals.bytes_done += static_cast<std::uint64_t>(file.size);
  on.totals.rows += totals.rows;
  on.totals.lines_rejected += totals.lines_rejected;
  on.totals.bytes_compressed += totals.bytes_compressed;
  on.totals.bytes_inflated += totals.bytes_inflated;
  on.s3_trouble.recovered(use::load);
  on.database_trouble.recovered(use::load);

  const std::chrono::duration<double> took = loaded.took;
  const std::chrono::duration<double> lag = std::chrono::system_clock::now() - file.last_modified;
  telemetry::file_completed event{};
  event.id = file.held.id;
  event.key = file.key;
  event.rows = totals.rows;
  event.bytes_compressed = totals.bytes_compressed;
  event.bytes_inflated = totals.bytes_inflated;
  event.seconds = took.count();
  event.commit_lag_seconds = lag.count();
  const auto rejected = rejected_by_reason(totals);
  event.lines_rejected = rejected;
  const auto mismatches = mismatches_by_column(totals);
  event.field_mismatches = mismatches;
  event.timestamps_missing = totals.timestamps_missing;
  event.strings_repaired = totals.lines_repaired;
  on.telemetry.record(event);
}

void report_failed(pipeline& on, const ledger::claimed_file& file, const load_result& loaded) {
  ++on.totals.files_failed;
  on.totals.bytes_done += static_cast<std::uint64_t>(file.size);
  on.s3_trouble.recovered(use::load);
  on.database_trouble.recovered(use::load);
  const auto record = failed(file, loaded.why);
  telemetry::file_failed event{};
  event.id = file.held.id;
  event.key = file.key;
  event.stage = name(loaded.why.at);
  event.error = loaded.why.text;
  event.attempt = file.attempts + (record.by_bug ? 0 : 1);
  event.attempts_max = on.settings.max_attempts;
  if (const auto wait = ledger::next_attempt_of(record, on.writing_terms.retry)) {
    event.next_attempt_in = std::chrono::duration<double>{*wait}.count();
  }
  on.telemetry.record(event);
}

void note_trouble(pipeline& on, const failure& why) {
  if (why.kind == failure_kind::s3) on.blame_s3(use::load, why);
  if (why.kind == failure_kind::database) on.database_trouble.failed(use::load, why.text);
}

void report_returned(pipeline& on, const ledger::claimed_file& file, const load_result& loaded) {
  note_trouble(on, loaded.why);
  if (on.keeper.holds(file.held)) {
    on.telemetry.record(telemetry::file_released{file.held.id, file.key, loaded.why.text});
  } else {
    on.telemetry.record(telemetry::lease_lost{file.held.id, file.key});
  }
}

load_ending ending_of(ledger::fate fate) {
  switch (fate) {
    case ledger::fate::completed:
      return load_ending::completed;
    case ledger::fate::failed:
      return load_ending::failed;
    case ledger::fate::returned:
      return load_ending::returned;
    case ledger::fate::lost:
      break;
  }
  return load_ending::not_committed;
}

// Turns `unknown` into what the ledger says, and everything it cannot say into not_committed.
asio::awaitable<void> resolve_unknown(pipeline& on, std::span<const ledger::claimed_file> files,
                                      std::vector<load_result>& results) {
  std::vector<ledger::claim> claims;
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (results[i].what != load_ending::unknown) continue;
    note_trouble(on, *results[i].unheard);
    claims.push_back(files[i].held);
    indexes.push_back(i);
  }
  if (claims.empty()) co_return;
  const settle_query query{claims};
  const auto fates = co_await insist(on, query);
  for (std::size_t n = 0; n < indexes.size(); ++n) {
    auto& loaded = results[indexes[n]];
    loaded.what = ending_of(fates ? (*fates)[n] : ledger::fate::lost);
    if (loaded.what != load_ending::failed) loaded.why = *loaded.unheard;
  }
}

// One claim that is lost takes its group along, and whoever took it over may have ended our
// session: which are still held only the ledger knows.
asio::awaitable<void> tell_lost_apart(pipeline& on, std::span<const load_result> results) {
  const auto may_be_lost = [](const load_result& loaded) {
    return loaded.what == load_ending::not_committed &&
           (loaded.why.kind == failure_kind::claim_lost ||
            loaded.why.kind == failure_kind::database);
  };
  if (std::ranges::any_of(results, may_be_lost)) co_await on.keeper.beat();
}

// S3 has refused the version that it lists, and goes on listing it: that is the object's failure.
asio::awaitable<bool> fail_unchanged(pipeline& on, const ledger::claimed_file& file,
                                     load_result& loaded) {
  loaded.why.kind = failure_kind::file;
  loaded.why.text += "; the listing still shows the version that was asked for";
  auto lease = co_await on.acquire(on.control);
  if (!lease) co_return false;
  const auto record = failed(file, loaded.why);
  const auto done =
      co_await ledger::fail(**lease, record, on.settings.replica, on.writing_terms.retry);
  if (!done) on.database_trouble.failed(use::ask, done.error().text());
  co_return done.has_value();
}

}  // namespace

asio::awaitable<void> give_back(pipeline& on, std::vector<ledger::claim> claims,
                                ledger::place where) {
  if (claims.empty()) co_return;
  const give_back_query query{claims, where};
  (void)co_await insist(on, query);
  for (const auto& claim : claims) on.keeper.remove(claim);
}

asio::awaitable<pg::result<void>> give_back_unheard(pipeline& on, pg::connection& db) {
  if (!on.may_have_claimed_unheard()) co_return pg::result<void>{};
  const auto known = on.keeper.held();
  const auto done = co_await ledger::give_back_unknown(db, on.claiming_terms.session, known);
  if (!done) co_return done.error();
  co_return pg::result<void>{};
}

asio::awaitable<void> conclude(pipeline& on, std::span<const ledger::claimed_file> files,
                               std::vector<load_result> results) {
  co_await resolve_unknown(on, files, results);
  co_await tell_lost_apart(on, results);
  std::vector<ledger::claim> kept;
  std::vector<ledger::claim> last;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& file = files[i];
    auto& loaded = results[i];
    const bool changed = loaded.what == load_ending::not_committed &&
                         loaded.why.kind == failure_kind::object_changed;
    if (changed) {
      const auto found = co_await relist(on, file);
      if (found == relisted::unchanged) {
        const bool recorded = co_await fail_unchanged(on, file, loaded);
        if (recorded) loaded.what = load_ending::failed;
      }
    }
    switch (loaded.what) {
      case load_ending::completed:
        on.keeper.remove(file.held);
        report_completed(on, file, loaded);
        break;
      case load_ending::failed:
        on.keeper.remove(file.held);
        report_failed(on, file, loaded);
        break;
      case load_ending::alone:
        break;
      case load_ending::returned:
        on.keeper.remove(file.held);
        on.telemetry.record(telemetry::file_released{file.held.id, file.key, loaded.why.text});
        break;
      case load_ending::unknown:
      case load_ending::not_committed:
        report_returned(on, file, loaded);
        (loaded.why.kind == failure_kind::s3 ? last : kept).push_back(file.held);
        break;
    }
  }
  co_await give_back(on, std::move(kept), ledger::place::kept);
  co_await give_back(on, std::move(last), ledger::place::last);
}

}  // namespace ingestor::ingest
