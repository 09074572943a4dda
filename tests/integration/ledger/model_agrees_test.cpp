// The model of the simulation (tests/unit/ledger/model) is true to the SQL: both go through the
// same statements in the same order, drawn from a seed, and must then look the same.
//
// Time is made comparable by a clock that does not wait: what the ledger has stored is moved back.
// All leases and backoffs are multiples of ten minutes, so what is left of them, in minutes, is the
// same however long the statements take. INGESTOR_TEST_SEED=N runs that schedule alone.
#include "both_ledgers.hpp"
#include "database.hpp"
#include "ledger/claim.hpp"
#include "ledger/opening.hpp"
#include "ledger/outcome.hpp"
#include "ledger/queue.hpp"
#include "ledger/schema.hpp"
#include "model/chance.hpp"
#include "model/table.hpp"
#include "pg/transaction.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ingestor::ledger::model {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::uint64_t schedules_short = 15;
constexpr std::uint64_t schedules_whole = 400;
constexpr int steps = 50;
constexpr std::int64_t requeue_files_max = 1000;
constexpr std::size_t claims_remembered = 12;
constexpr std::chrono::milliseconds lease = 60min;

constexpr std::string_view fresh_schema = R"sql(
drop schema if exists model_agrees cascade;
create schema model_agrees;
set search_path = model_agrees)sql";

constexpr std::string_view empty_ledger =
    "truncate processed_file, log, rejected_line restart identity";

std::vector<claim> sorted(std::vector<claim> claims) {
  std::ranges::sort(claims, [](const claim& a, const claim& b) {
    return a.id != b.id ? a.id < b.id : a.token < b.token;
  });
  return claims;
}

template <class T>
T taken(pg::result<T> outcome) {
  if (!outcome) throw std::runtime_error{outcome.error().text()};
  return std::move(*outcome);
}

/// One schedule on both.
class schedule {
 public:
  schedule(std::uint64_t seed, pg::connection& db, pg::connection& other)
      : dice_{seed}, db_{db}, other_{other} {
    retry_.backoff = 10min;
    retry_.attempts_max = static_cast<std::int32_t>(dice_.between(1, 3));
  }

  /// False when they differ.
  asio::awaitable<bool> run() {
    (void)taken(co_await db_.run_script("empty", empty_ledger, 30s));
    for (int step = 0; step < steps; ++step) {
      co_await draw();
      const bool is_same = co_await agrees();
      if (!is_same) co_return false;
    }
    co_return true;
  }

 private:
  asio::awaitable<void> draw() {
    if (dice_.one_in(100)) co_return co_await wear_out();
    switch (dice_.below(12)) {
      case 0:
      case 1:
        co_return co_await enqueue();
      case 2:
        co_return co_await give_back();
      case 3:
        if (dice_.one_in(2)) co_return co_await settle();
        co_return co_await give_back_unknown();
      case 4:
        co_return co_await give_back_changed();
      case 5:
        co_return co_await pass(dice_.between(1, 8));
      case 6:
      case 7:
      case 8:
        co_return co_await end();
      default:
        co_return co_await draw_unlocked();
    }
  }

  // What waits for no row, and may happen while another transaction has some locked.
  asio::awaitable<void> draw_unlocked() {
    auto where = part();
    switch (dice_.below(6)) {
      case 0:
      case 2:
        co_return co_await requeue(std::move(where));
      case 1:
        co_return co_await keep();
      default:
        co_return co_await take(std::move(where));
    }
  }

  asio::awaitable<bool> agrees() {
    const pg::statement ask{"look", shown_sql, {}, {pg::wire::oid::text}};
    const auto rows = taken(co_await db_.query(ask, 30s));
    const auto real = rows.get<std::string>(0, 0);
    EXPECT_EQ(real, shown(model_)) << "the ledger (first) and its model, after: " << history_;
    co_return real == shown(model_) && !testing::Test::HasFailure();
  }

  asio::awaitable<void> enqueue() {
    std::vector<listed_object> listed;
    for (int n = 0; n < 8; ++n) {
      if (dice_.one_in(2)) continue;
      listed_object object{};
      object.key = (n % 2 == 0 ? "a" : "b") + std::to_string(n);
      object.etag = "e" + std::to_string(dice_.below(3));
      object.size = dice_.one_in(4) ? 200 : dice_.between(0, 60);
      listed.push_back(std::move(object));
    }
    const auto then = dice_.one_in(2) ? overwritten::replaced : overwritten::ignored;
    note(then == overwritten::replaced ? "enqueue to replace" : "enqueue");
    const auto real = taken(co_await ledger::enqueue(db_, everything_, listed, then));
    const auto ours = model_.enqueue(listed, then);
    EXPECT_EQ(real.queued, ours.queued) << history_;
    EXPECT_EQ(real.changed, ours.changed) << history_;
    EXPECT_EQ(real.overwritten, ours.overwritten) << history_;
  }

  asio::awaitable<void> take(scope where) {
    claim_terms terms{};
    terms.replica = "replica";
    terms.session = dice_.between(1, 3);
    terms.lease = lease;
    terms.files_max = dice_.between(1, 6);
    terms.small_file_bytes_max = 100;
    terms.group_bytes_max = dice_.between(20, 200);
    note("take below '" + where.key_prefix + "'");
    const auto begin = place_in_queue();
    const auto real = taken(co_await ledger::take(db_, where, terms, begin.real));
    const auto ours = model_.take(where.key_prefix, terms, begin.ours);
    EXPECT_EQ(shown(real), shown(ours)) << history_;
    for (std::size_t n = 0; n < std::min(real.size(), ours.size()); ++n) {
      remembered_.push_back({real[n], ours[n].place, moved_});
    }
    while (remembered_.size() > claims_remembered) remembered_.erase(remembered_.begin());
  }

  asio::awaitable<void> keep() {
    const auto claims = some();
    note("keep " + std::to_string(claims.size()));
    const auto real = taken(co_await ledger::keep(db_, claims, lease, 30s));
    EXPECT_EQ(sorted(real), sorted(model_.keep(claims, lease))) << history_;
  }

  asio::awaitable<void> give_back() {
    const auto claims = some();
    const auto where = dice_.one_in(2) ? place::kept : place::last;
    note("give back " + std::to_string(claims.size()));
    const auto real = taken(co_await ledger::give_back(db_, claims, where));
    EXPECT_EQ(real, model_.give_back(claims, where)) << history_;
  }

  asio::awaitable<void> give_back_unknown() {
    const auto known = some();
    const auto session = dice_.between(1, 3);
    note("give back what " + std::to_string(session) + " does not know");
    const auto real = taken(co_await ledger::give_back_unknown(db_, session, known));
    EXPECT_EQ(real, model_.give_back_unknown(session, known)) << history_;
  }

  asio::awaitable<void> give_back_changed() {
    if (remembered_.empty()) co_return;
    const auto held = remembered_[dice_.below(remembered_.size())].real.held;
    const std::string etag = "changed" + std::to_string(dice_.below(3));
    note("give back changed " + std::to_string(held.id));
    const auto done = co_await ledger::give_back_changed(db_, held, etag, 7, row_time);
    EXPECT_TRUE(done);
    model_.give_back_changed(held, etag, 7);
  }

  asio::awaitable<void> requeue(scope where) {
    note("requeue below '" + where.key_prefix + "'");
    const auto real = taken(co_await ledger::requeue(db_, where, requeue_files_max));
    const auto ours = model_.requeue(where.key_prefix, requeue_files_max, {});
    EXPECT_EQ(real.retried, ours.retried) << history_;
    EXPECT_EQ(real.expired, ours.expired) << history_;
    EXPECT_EQ(real.given_up, ours.given_up) << history_;
  }

  asio::awaitable<void> settle() {
    const auto claims = some();
    note("settle");
    const auto real = taken(co_await ledger::settle(db_, claims));
    EXPECT_EQ(real, model_.settle(claims)) << history_;
  }

  asio::awaitable<void> pass(std::int64_t times) {
    note("pass " + std::to_string(times));
    const auto move = pass_statement(times);
    (void)taken(co_await db_.execute(move, 30s));
    moved_ += times * 10min;
    model_.advance(times * 10min);
  }

  // Replicas that die with one file, until it is given up.
  asio::awaitable<void> wear_out() {
    const scope one{everything_.bucket, "b1"};
    for (std::int64_t n = 0; n <= lease_expiries_max; ++n) {
      co_await take(one);
      co_await pass(7);
      co_await requeue(one);
    }
  }

  // The end of a load, on a connection of its own, with others at work before its COMMIT.
  asio::awaitable<void> end() {
    std::vector<completed_file> completed;
    std::vector<failed_file> failed;
    outcome ours{};
    std::vector<claimed_file> landing;
    for (const auto& one : remembered_) {
      const auto& file = one.real;
      const bool is_stale = !is_held(file.held);
      if (is_stale && !dice_.one_in(12)) continue;
      if (dice_.one_in(3) || is_in(ours, file.held.id)) continue;
      if (dice_.one_in(2)) {
        const bool by_bug = dice_.one_in(4);
        auto& bad = failed.emplace_back();
        bad.held = file.held;
        bad.attempts = file.attempts;
        bad.by_bug = by_bug;
        bad.stage = "fetch";
        bad.error = "gone";
        ours.failed.push_back({file.held, file.attempts, by_bug});
      } else {
        completed.push_back({file.held, 1, 0, row_time, row_time, 9, "gzip"});
        ours.completed.push_back({file.held, file.etag, file.landed_before});
        landing.push_back(file);
      }
    }
    if (claims_of(ours).empty()) co_return;
    note("end " + std::to_string(completed.size()) + " and " + std::to_string(failed.size()));
    auto open = taken(co_await pg::transaction::begin(other_, 30s));
    co_await land(landing);
    bool is_fenced = true;
    if (!completed.empty()) {
      const auto statement = complete_statement(completed, "replica");
      const auto done = co_await other_.query(statement, 30s);
      is_fenced = done.has_value();
    }
    if (!failed.empty() && is_fenced) {
      const auto statement = fail_statement(failed, "replica", retry_);
      const auto done = co_await other_.query(statement, 30s);
      is_fenced = done.has_value();
    }
    EXPECT_EQ(is_fenced, model_.fence(ours)) << history_;
    if (is_fenced) {
      note("locked:");
      for (auto others = dice_.below(3); others > 0; --others) co_await draw_unlocked();
    }
    if (is_fenced && !dice_.one_in(4)) {
      const auto done = co_await open.commit(30s);
      EXPECT_TRUE(done);
      model_.commit(ours, retry_);
      note("committed");
    } else {
      const auto done = co_await open.rollback(30s);
      EXPECT_TRUE(done);
      if (is_fenced) model_.roll_back(ours);
      note("rolled back");
    }
  }

  asio::awaitable<void> land(const std::vector<claimed_file>& files) {
    for (const auto& file : files) {
      for (const auto& clearing : clearing_statements(file)) {
        (void)taken(co_await other_.query(clearing, 30s));
      }
      const auto insert = land_statement(file);
      (void)taken(co_await other_.execute(insert, 30s));
    }
  }

  bool is_held(claim held) const {
    const auto& file = model_.at(held.id);
    return file.token == held.token && file.state == status::processing;
  }

  static bool is_in(const outcome& end, std::int64_t id) {
    const auto claims = claims_of(end);
    return std::ranges::find(claims, id, &claim::id) != claims.end();
  }

  scope part() {
    const std::array<std::string, 4> prefixes{"", "", "a", "b1"};
    return {everything_.bucket, prefixes[dice_.below(prefixes.size())]};
  }

  std::vector<claim> some() {
    std::vector<claim> claims;
    for (const auto& one : remembered_) {
      if (dice_.one_in(2)) claims.push_back(one.real.held);
    }
    return claims;
  }

  struct place_in_both {
    queue_position real;
    queue_position ours;
  };

  // Where a file was that was claimed since the clock was last moved, for those are comparable.
  place_in_both place_in_queue() {
    if (remembered_.empty() || dice_.one_in(2)) return {};
    const auto& one = remembered_.back();
    if (one.moved != moved_) return {};
    return {one.real.place, one.ours};
  }

  // No two statements of the real ledger happen at the same time.
  void note(const std::string& what) {
    history_ += what + "; ";
    model_.advance(1ms);
  }

  struct remembered {
    claimed_file real;
    queue_position ours;
    instant moved{};
  };

  chance dice_;
  retry_terms retry_;
  pg::connection& db_;
  pg::connection& other_;
  table model_;
  scope everything_{"bucket", ""};
  std::vector<remembered> remembered_;
  instant moved_{};
  std::string history_;
};

class ledger_model : public pg::database_test {};

TEST_F(ledger_model, agrees_with_the_ledger) {
  run([&]() -> asio::awaitable<void> {
    const auto db = co_await connected();
    const auto other = co_await connected();
    if (!db || !other) co_return;
    co_await script(*db, fresh_schema);
    co_await script(*other, "set search_path = model_agrees");
    const step_listener nobody = [](const step_begun&) {};
    const auto migrated = co_await migrate(*db, 24h, nobody);
    EXPECT_TRUE(migrated);
    const auto only = pg::environment("INGESTOR_TEST_SEED");
    std::uint64_t first = 1;
    std::uint64_t last =
        pg::environment("INGESTOR_TEST_WHOLE") == "1" ? schedules_whole : schedules_short;
    if (!only.empty()) {
      std::from_chars(only.data(), only.data() + only.size(), first);
      last = first;
    }
    for (auto seed = first; seed <= last; ++seed) {
      schedule one{seed, *db, *other};
      const bool is_same = co_await one.run();
      if (is_same) continue;
      ADD_FAILURE() << "repeat this with INGESTOR_TEST_SEED=" << seed;
      break;
    }
    co_await script(*db, "drop schema model_agrees cascade");
  });
}

}  // namespace
}  // namespace ingestor::ledger::model
