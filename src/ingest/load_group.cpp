#include "ingest/load_group.hpp"

#include "ingest/async_mutex.hpp"
#include "ingest/fill.hpp"
#include "ingest/s3_source.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

enum class member {
  /// Its claim is to be given back.
  returned,
  /// Its rows are in the transaction.
  joined,
  /// It failed; its failure is committed with the others' rows.
  failed,
  /// It is to be loaded by itself.
  alone
};

class group_load {
 public:
  group_load(const loader& with, pg::connection& db, std::span<const ledger::claimed_file> files,
             workshop& shop, const asio::any_io_executor& executor)
      : with_{with},
        files_{files},
        shop_{shop},
        transaction_{db, with.terms},
        collecting_{executor},
        members_(files.size(), member::returned),
        results_(files.size()) {
    shop_.collected.begin(care::none);
    shop_.doing.claimed(files);
  }

  asio::awaitable<void> load() {
    static_assert(group_fetches_max == 4);
    co_await (fetch(*shop_.places[0]) && fetch(*shop_.places[1]) && fetch(*shop_.places[2]) &&
              fetch(*shop_.places[3]));
    return_unfetched();
    if (!broken_) co_await copy_collected();
    if (broken_) {
      co_await transaction_.roll_back();
      break_up(*broken_);
    } else {
      co_await commit();
    }
  }

  std::vector<load_result> results() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (members_[i] == member::alone) results_[i].what = load_ending::alone;
    }
    return std::move(results_);
  }

 private:
  asio::awaitable<void> fetch(workplace& place) {
    while (!broken_ && !halted_ && next_ < files_.size()) {
      const auto index = next_++;
      co_await fetch_one(index, place);
    }
  }

  // The files that were not fetched any more go back for the reason that the fetching ended for.
  void return_unfetched() {
    if (!halted_) return;
    for (; next_ < files_.size(); ++next_) results_[next_].why = *halted_;
  }

  asio::awaitable<void> fetch_one(std::size_t index, workplace& place) {
    const auto start = std::chrono::steady_clock::now();
    const auto& file = files_[index];
    auto& loaded = results_[index];
    s3_source source{with_.s3, file.key, file.etag, file.size};
    place.staged.begin(care::none);
    shop_.doing.opened(file);
    with_.observer.on_opening(file, care::none);
    auto read = co_await read_whole(source, place, source_of(file));
    shop_.doing.read_up(place.decoder.totals().bytes_compressed);
    loaded.totals = place.decoder.totals();
    loaded.compression = place.decoder.compression();
    with_.observer.on_read(loaded.totals.bytes_compressed);
    if (!read) {
      loaded.why = read.error();
      members_[index] = read.error().kind == failure_kind::file ? member::failed : member::returned;
      if (read.error().kind == failure_kind::s3) halted_ = read.error();
    } else if (*read == filled::full) {
      members_[index] = member::alone;
    } else {
      co_await collect(place.staged);
      members_[index] = member::joined;
    }
    loaded.took = std::chrono::steady_clock::now() - start;
  }

  asio::awaitable<result<filled, failure>> read_whole(byte_source& source, workplace& place,
                                                      normalise::source from) {
    const auto reading = shop_.doing.reading();
    const activity::mark under_way{place.under_way};
    const auto opened = co_await open(source, place.decoder, from);
    if (!opened) co_return opened.error();
    co_return co_await fill(source, place.decoder, from, place.staged);
  }

  asio::awaitable<void> collect(const staging& rows) {
    const auto guard = co_await collecting_.lock();
    if (broken_) co_return;
    shop_.collected.append(rows);
    if (shop_.collected.full()) co_await copy_collected();
  }

  asio::awaitable<void> copy_collected() {
    const auto writing = shop_.doing.writing();
    const auto done = co_await transaction_.copy(shop_.collected);
    if (done) {
      with_.observer.on_copied(*done);
      shop_.doing.copied(done->rows);
    } else {
      broken_ = done.error();
    }
  }

  asio::awaitable<void> commit() {
    std::vector<ledger::completed_file> done;
    std::vector<ledger::failed_file> bad;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (members_[i] == member::joined) done.push_back(completed(files_[i], results_[i]));
      if (members_[i] == member::failed) bad.push_back(failed(files_[i], results_[i].why));
    }
    if (done.empty() && bad.empty()) co_return;
    shop_.doing.enter(activity::phase::commit);
    const auto verdict = co_await transaction_.commit(done, bad);
    using ending = load_transaction::ending;
    if (verdict.what == ending::not_committed) {
      break_up(verdict.why);
      co_return;
    }
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (members_[i] != member::joined && members_[i] != member::failed) continue;
      auto& loaded = results_[i];
      if (verdict.what == ending::unknown) {
        loaded.what = load_ending::unknown;
        loaded.unheard = verdict.why;
      } else {
        loaded.what = members_[i] == member::joined ? load_ending::completed : load_ending::failed;
      }
    }
  }

  // Nothing of the group is stored. When rows were at fault each file shows alone whether they were
  // its own; otherwise all go back.
  void break_up(const failure& why) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (members_[i] == member::alone || results_[i].why.kind == failure_kind::object_changed) {
        continue;
      }
      members_[i] = fails_the_file(why.kind) ? member::alone : member::returned;
      results_[i].why = why;
    }
  }

  const loader& with_;
  std::span<const ledger::claimed_file> files_;
  workshop& shop_;
  load_transaction transaction_;
  async_mutex collecting_;
  std::vector<member> members_;
  std::vector<load_result> results_;
  std::size_t next_ = 0;
  /// Why nothing more is fetched.
  std::optional<failure> halted_;
  /// Why the transaction cannot go on.
  std::optional<failure> broken_;
};

}  // namespace

asio::awaitable<std::vector<load_result>> load_group(const loader& with, pg::connection& db,
                                                     std::span<const ledger::claimed_file> files,
                                                     workshop& shop) {
  const auto executor = co_await asio::this_coro::executor;
  group_load group{with, db, files, shop, executor};
  co_await group.load();
  co_return group.results();
}

}  // namespace ingestor::ingest
