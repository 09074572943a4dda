#include "ingest/load_file.hpp"

#include "ingest/fill.hpp"
#include "ingest/s3_source.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>
#include <tuple>
#include <utility>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

asio::awaitable<result<void, failure>> copy(const loader& with, load_transaction& transaction,
                                            staging& from) {
  const auto done = co_await transaction.copy(from);
  if (!done) co_return done.error();
  with.observer.on_copied(*done);
  co_return result<void, failure>{};
}

asio::awaitable<result<filled, failure>> fill_next(const loader& with, byte_source& source,
                                                   object_decoder& decoder, normalise::source from,
                                                   staging& into) {
  const auto before = decoder.totals().bytes_compressed;
  auto state = co_await fill(source, decoder, from, into);
  with.observer.on_read(decoder.totals().bytes_compressed - before);
  co_return state;
}

// The whole object into the open transaction, all but COMMIT.
asio::awaitable<result<void, failure>> stream(const loader& with, load_transaction& transaction,
                                              byte_source& source, normalise::source from,
                                              workshop& shop) {
  auto& decoder = shop.places[0]->decoder;
  std::array<staging*, 2> stagings{&shop.places[0]->staged, &shop.places[1]->staged};
  for (auto* staged : stagings) staged->clear();

  const auto opened = co_await open(source, decoder, from);
  if (!opened) co_return opened.error();
  auto state = co_await fill_next(with, source, decoder, from, *stagings[0]);
  while (state && *state == filled::full) {
    auto [written, next] = co_await (copy(with, transaction, *stagings[0]) &&
                                     fill_next(with, source, decoder, from, *stagings[1]));
    if (!written) co_return written.error();
    state = std::move(next);
    std::swap(stagings[0], stagings[1]);
  }
  if (!state) co_return state.error();
  co_return co_await copy(with, transaction, *stagings[0]);
}

void settle(load_result& loaded, const load_transaction::verdict& verdict,
            load_ending when_committed) {
  using ending = load_transaction::ending;
  if (verdict.what == ending::committed) {
    loaded.what = when_committed;
    return;
  }
  loaded.what = verdict.what == ending::unknown ? load_ending::unknown : load_ending::not_committed;
  loaded.why = verdict.why;
}

}  // namespace

asio::awaitable<load_result> load_file(const loader& with, pg::connection& db,
                                       const ledger::claimed_file& file, workshop& shop) {
  const auto start = std::chrono::steady_clock::now();
  load_transaction transaction{db, with.terms, file};
  s3_source source{with.s3, file.key, file.etag};
  const auto streamed = co_await stream(with, transaction, source, source_of(file), shop);

  load_result loaded{};
  loaded.totals = shop.places[0]->decoder.totals();
  loaded.compression = shop.places[0]->decoder.compression();
  if (streamed) {
    const std::array done{completed(file, loaded)};
    const auto verdict = co_await transaction.commit(done, {});
    settle(loaded, verdict, load_ending::completed);
  } else {
    loaded.why = streamed.error();
    co_await transaction.roll_back();
  }
  // A commit that the file's own rows made fail (a deferred constraint) is its failure too.
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
