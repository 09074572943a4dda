#include "app/top_feed.hpp"

#include "app/exit_code.hpp"
#include "app/ledger_view.hpp"
#include "ledger/statements.hpp"

#include <algorithm>
#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto counts_interval_min = 10s;
/// Counting takes at most this part of the time.
constexpr auto counting_share = 20;
constexpr auto backoff_min = 1s;
constexpr auto backoff_max = 30s;

double seconds(top_feed::clock::duration span) {
  return std::chrono::duration<double>{span}.count();
}

asio::awaitable<pg::result<void>> execute(pg::connection& db, std::string_view name,
                                          std::string_view sql) {
  const pg::statement statement{name, sql, {}, {}};
  const auto done = co_await db.execute(statement, ledger::query_timeout);
  if (!done) co_return done.error();
  co_return pg::result<void>{};
}

}  // namespace

top_feed::top_feed(const config::settings& settings)
    : settings_{settings}, where_{settings.s3.bucket, settings.s3.prefix} {}

asio::awaitable<result<void, refusal>> top_feed::connect() {
  auto db = co_await open_ledger(settings_);
  if (!db) co_return db.error();
  db_ = std::move(*db);
  database_ = std::string{db_->server()} + "/" + settings_.database.database;
  co_return result<void, refusal>{};
}

bool top_feed::counts_are_due() const {
  const auto interval =
      std::max<clock::duration>(counts_interval_min, counting_took_ * counting_share);
  return !figures_ || clock::now() - counted_at_ >= interval;
}

asio::awaitable<pg::result<void>> top_feed::read_all(telemetry::ledger_figures& into) {
  const auto begun =
      co_await execute(*db_, "begin to read", "begin isolation level repeatable read, read only");
  if (!begun) co_return begun.error();
  if (counts_are_due()) {
    const auto start = clock::now();
    const auto counted = co_await read_counts(*db_, where_, into);
    if (!counted) co_return counted.error();
    counted_at_ = clock::now();
    counting_took_ = counted_at_ - start;
  }
  const auto listed = co_await read_details(*db_, where_, into);
  if (!listed) co_return listed.error();
  co_return co_await execute(*db_, "end to read", "commit");
}

asio::awaitable<result<void, refusal>> top_feed::read() {
  if (!db_) {
    const auto connected = co_await connect();
    if (!connected) {
      failed(connected.error());
      co_return connected.error();
    }
  }
  auto into = figures_.value_or(telemetry::ledger_figures{});
  const auto done = co_await read_all(into);
  if (!done) {
    db_.reset();
    auto why = refused("cannot read the ledger", done.error());
    failed(why);
    co_return why;
  }
  figures_ = std::move(into);
  listed_at_ = clock::now();
  trouble_.clear();
  backoff_ = {};
  co_return result<void, refusal>{};
}

void top_feed::failed(const refusal& why) {
  if (trouble_.empty()) trouble_since_ = clock::now();
  trouble_ = why.text;
  backoff_ = std::clamp<clock::duration>(backoff_ * 2, backoff_min, backoff_max);
  next_try_at_ = clock::now() + backoff_;
}

top_feed::clock::duration top_feed::until_next(std::chrono::seconds interval) const {
  return trouble_.empty() ? interval : std::max(next_try_at_ - clock::now(), clock::duration{});
}

top::seen top_feed::seen() const {
  const auto now = clock::now();
  top::seen out{};
  out.source = "s3://" + where_.bucket + "/" + where_.key_prefix;
  out.database = database_;
  out.figures = figures_;
  if (figures_) {
    out.at = figures_->taken_at +
             std::chrono::duration_cast<std::chrono::microseconds>(listed_at_ - counted_at_);
  }
  out.age = seconds(now - listed_at_);
  out.trouble = trouble_;
  out.trouble_lasts = seconds(now - trouble_since_);
  out.next_try = seconds(std::max(next_try_at_ - now, clock::duration{}));
  return out;
}

asio::awaitable<void> top_feed::close() {
  if (db_) co_await db_->close();
  db_.reset();
}

}  // namespace ingestor::app
