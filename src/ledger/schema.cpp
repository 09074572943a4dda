#include "ledger/schema.hpp"

#include "ledger/statements.hpp"
#include "pg/transaction.hpp"

#include <string>

namespace ingestor::ledger {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A long wait is right here: another replica may be building an index on a large table.
constexpr auto migration_timeout = 30min;
// "ingestor" as the bytes of a 64-bit key; transaction-level, so that it works behind a
// transaction-pooling proxy and is released by any end of the transaction.
constexpr std::string_view lock_sql =
    "select pg_advisory_xact_lock(x'696e676573746f72'::bit(64)::bigint)";

asio::awaitable<pg::result<std::uint64_t>> run(pg::connection& db, std::string_view name,
                                               std::string_view sql) {
  pg::statement statement{};
  statement.name = name;
  statement.sql = sql;
  co_return co_await db.execute(statement, migration_timeout);
}

// Asked inside the transaction that the step runs in, for there a pooler keeps its server.
asio::awaitable<pg::result<void>> announce(pg::connection& db, const migration& step,
                                           const step_listener& begun) {
  pg::statement statement{};
  statement.name = "ask for the server's process";
  statement.sql = "select pg_backend_pid()";
  statement.result_types = {pg::wire::oid::int4};
  const auto pid = co_await db.query(statement, query_timeout);
  if (!pid) co_return pid.error();
  begun({step.version, step.name, pid->get<std::int32_t>(0, 0)});
  co_return pg::result<void>{};
}

// One step inside the open transaction; true when it was this call that applied it.
asio::awaitable<pg::result<bool>> apply_step(pg::connection& db, const migration& step,
                                             std::chrono::milliseconds chunk_interval,
                                             const step_listener& begun) {
  const auto announced = co_await announce(db, step, begun);
  if (!announced) co_return announced.error();
  const auto locked = co_await run(db, "lock the schema", lock_sql);
  if (!locked) co_return locked.error();
  const auto current = co_await schema_version(db);
  if (!current) co_return current.error();
  if (*current >= step.version) co_return false;

  pg::statement interval{};
  interval.name = "set the chunk interval";
  interval.sql = "select set_config('ingestor.chunk_interval', $1, true)";
  interval.parameters.push_back(
      pg::wire::text(std::to_string(chunk_interval.count()) + " milliseconds"));
  const auto set = co_await db.execute(interval, query_timeout);
  if (!set) co_return set.error();

  const auto applied = co_await db.run_script(step.name, step.sql, migration_timeout);
  if (!applied) co_return applied.error();

  pg::statement record{};
  record.name = "record the migration";
  record.sql = "insert into ingestor_migration (version, name) values ($1, $2)";
  record.parameters.push_back(pg::wire::int4(step.version));
  record.parameters.push_back(pg::wire::text(step.name));
  const auto recorded = co_await db.execute(record, query_timeout);
  if (!recorded) co_return recorded.error();
  co_return true;
}

asio::awaitable<pg::result<bool>> in_transaction(pg::connection& db, const migration& step,
                                                 std::chrono::milliseconds chunk_interval,
                                                 const step_listener& begun) {
  auto open = co_await pg::transaction::begin(db, migration_timeout);
  if (!open) co_return open.error();
  auto applied = co_await apply_step(db, step, chunk_interval, begun);
  if (!applied) {
    co_await open->rollback(migration_timeout);
    co_return applied.error();
  }
  const auto committed = co_await open->commit(migration_timeout);
  if (!committed) co_return committed.error();
  co_return *applied;
}

// `create table if not exists` alone races: two sessions may both find no table and one then fails
// on a catalogue index, so it too runs under the lock.
constexpr migration bookkeeping{0, "migration table", R"sql(
create table if not exists ingestor_migration (
  version    integer     primary key,
  name       text        not null,
  applied_at timestamptz not null default now()
))sql"};

asio::awaitable<pg::result<void>> create_bookkeeping(pg::connection& db,
                                                     const step_listener& begun) {
  auto open = co_await pg::transaction::begin(db, migration_timeout);
  if (!open) co_return open.error();
  const auto announced = co_await announce(db, bookkeeping, begun);
  if (!announced) co_return announced.error();
  auto created = co_await run(db, "lock the schema", lock_sql);
  if (created) created = co_await run(db, bookkeeping.name, bookkeeping.sql);
  if (created) co_return co_await open->commit(migration_timeout);
  co_await open->rollback(migration_timeout);
  co_return created.error();
}

}  // namespace

std::int32_t schema_version_wanted() {
  return migrations().back().version;
}

asio::awaitable<pg::result<std::int32_t>> schema_version(pg::connection& db) {
  pg::statement exists{};
  exists.name = "look for the schema";
  exists.sql = "select to_regclass('ingestor_migration') is not null";
  exists.result_types = {pg::wire::oid::boolean};
  const auto found = co_await db.query(exists, query_timeout);
  if (!found) co_return found.error();
  if (!found->get<bool>(0, 0)) co_return 0;

  pg::statement newest{};
  newest.name = "read the schema version";
  newest.sql = "select coalesce(max(version), 0) from ingestor_migration";
  newest.result_types = {pg::wire::oid::int4};
  const auto version = co_await db.query(newest, query_timeout);
  if (!version) co_return version.error();
  co_return version->get<std::int32_t>(0, 0);
}

asio::awaitable<pg::result<std::vector<std::int32_t>>> migrate(
    pg::connection& db, std::chrono::milliseconds chunk_interval, step_listener begun) {
  std::vector<std::int32_t> applied;
  const auto current = co_await schema_version(db);
  if (!current) co_return current.error();
  if (*current >= schema_version_wanted()) co_return applied;

  const auto prepared = co_await create_bookkeeping(db, begun);
  if (!prepared) co_return prepared.error();
  for (const auto& step : migrations()) {
    if (step.version <= *current) continue;
    const auto done = co_await in_transaction(db, step, chunk_interval, begun);
    if (!done) co_return done.error();
    if (*done) applied.push_back(step.version);
  }
  co_return applied;
}

}  // namespace ingestor::ledger
