#include "ingest/load_file.hpp"

#include "ingest/fill.hpp"
#include "ingest/quarantine.hpp"
#include "ingest/s3_source.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>
#include <optional>
#include <tuple>
#include <utility>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

// One object on its way into the open transaction.
struct passage {
  const loader& with;
  byte_source& source;
  normalise::source from;
  load_transaction& transaction;
  /// With care.
  quarantine* isolating;
  activity& doing;
};

asio::awaitable<result<void, failure>> copy(passage& on, staging& from) {
  const auto writing = on.doing.writing();
  result<copied, failure> done;
  if (on.isolating != nullptr) {
    done = co_await on.isolating->copy(from);
  } else {
    done = co_await on.transaction.copy(from);
  }
  if (!done) co_return done.error();
  on.with.observer.on_copied(*done);
  on.doing.copied(done->rows);
  co_return result<void, failure>{};
}

asio::awaitable<result<filled, failure>> fill_next(passage& on, object_decoder& decoder,
                                                   staging& into) {
  const auto reading = on.doing.reading();
  const auto before = decoder.totals().bytes_compressed;
  auto state = co_await fill(on.source, decoder, on.from, into);
  on.with.observer.on_read(decoder.totals().bytes_compressed - before);
  co_return state;
}

// The whole object, all but COMMIT.
asio::awaitable<result<void, failure>> stream(passage& on, workshop& shop) {
  auto& decoder = shop.places[0]->decoder;
  std::array<staging*, 2> stagings{&shop.places[0]->staged, &shop.places[1]->staged};
  const auto how = on.isolating != nullptr ? care::each_row : care::none;
  for (auto* staged : stagings) staged->begin(how);

  const activity::mark under_way{shop.places[0]->under_way};
  const auto opened = co_await open(on.source, decoder, on.from);
  if (!opened) co_return opened.error();
  auto state = co_await fill_next(on, decoder, *stagings[0]);
  while (state && *state == filled::full) {
    auto [written, next] =
        co_await (copy(on, *stagings[0]) && fill_next(on, decoder, *stagings[1]));
    if (!written) co_return written.error();
    state = std::move(next);
    std::swap(stagings[0], stagings[1]);
  }
  if (!state) co_return state.error();
  co_return co_await copy(on, *stagings[0]);
}

// What the database refused is known only now; where that is too much its words say more than the
// count.
std::optional<failure> judge(const object_decoder& decoder, const object_totals& totals,
                             const quarantine& isolating) {
  if (isolating.refused() == 0) return std::nullopt;
  auto why = decoder.too_many_rejected(totals);
  if (why) why->text += "; its last words: " + isolating.last_words();
  return why;
}

void settle(load_result& loaded, const load_transaction::verdict& verdict,
            load_ending when_committed) {
  using ending = load_transaction::ending;
  if (verdict.what == ending::committed) {
    loaded.what = when_committed;
    return;
  }
  if (verdict.what == ending::unknown) {
    loaded.what = load_ending::unknown;
    loaded.unheard = verdict.why;
    return;
  }
  loaded.what = load_ending::not_committed;
  loaded.why = verdict.why;
}

// One attempt, the failure of which is not recorded.
asio::awaitable<load_result> attempt(const loader& with, pg::connection& db,
                                     const ledger::claimed_file& file, workshop& shop, care how) {
  shop.doing.claimed({&file, 1});
  shop.doing.opened(file);
  with.observer.on_opening(file, how);
  load_transaction transaction{db, with.terms, file, how};
  s3_source source{with.s3, file.key, file.etag, file.size};
  quarantine isolating{transaction, file.held.id, shop.collected};
  passage on{
      with,      source, source_of(file), transaction, how == care::each_row ? &isolating : nullptr,
      shop.doing};
  const auto streamed = co_await stream(on, shop);

  const auto& decoder = shop.places[0]->decoder;
  shop.doing.read_up(decoder.totals().bytes_compressed);
  load_result loaded{};
  loaded.totals = decoder.totals();
  loaded.compression = decoder.compression();
  std::optional<failure> failed;
  if (!streamed) {
    failed = streamed.error();
  } else if (how == care::each_row) {
    loaded.totals = isolating.settled(loaded.totals);
    failed = judge(decoder, loaded.totals, isolating);
  }
  if (failed) {
    loaded.why = *failed;
    co_await transaction.roll_back();
    co_return loaded;
  }
  shop.doing.enter(activity::phase::commit);
  const std::array done{completed(file, loaded)};
  const auto verdict = co_await transaction.commit(done, {});
  settle(loaded, verdict, load_ending::completed);
  co_return loaded;
}

bool refused(const load_result& loaded) {
  return loaded.what == load_ending::not_committed && loaded.why.kind == failure_kind::rows;
}

}  // namespace

asio::awaitable<load_result> load_file(const loader& with, pg::connection& db,
                                       const ledger::claimed_file& file, workshop& shop, care how) {
  const auto start = std::chrono::steady_clock::now();
  auto loaded = co_await attempt(with, db, file, shop, how);
  if (refused(loaded) && how == care::none && db.usable()) {
    loaded = co_await attempt(with, db, file, shop, care::each_row);
  }
  const bool not_stored = loaded.what == load_ending::not_committed;
  if (not_stored && fails_the_file(loaded.why.kind) && db.usable()) {
    const std::array record{failed(file, loaded.why)};
    load_transaction recording{db, with.terms};
    const auto verdict = co_await recording.commit({}, record);
    settle(loaded, verdict, load_ending::failed);
  }
  loaded.took = std::chrono::steady_clock::now() - start;
  co_return loaded;
}

}  // namespace ingestor::ingest
