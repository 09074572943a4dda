#include "ledger/migration_sight.hpp"

#include <string_view>
#include <utility>

namespace ingestor::ledger {
namespace {

namespace asio = boost::asio;
using pg::wire::oid;

// Of an index that is being built, the phase says which of its counters moves.
// Source: PostgreSQL's manual, "CREATE INDEX Progress Reporting".
constexpr std::string_view sight_sql = R"sql(
select coalesce(a.wait_event_type = 'Lock', false),
       exists (select from pg_locks l
                where l.pid = $1 and not l.granted and l.locktype = 'advisory'),
       coalesce((select c.relname::text from pg_locks l join pg_class c on c.oid = l.relation
                  where l.pid = $1 and not l.granted limit 1), ''),
       cardinality(pg_blocking_pids($1))::bigint,
       i.pid is not null,
       coalesce(t.relname::text, ''),
       coalesce(i.phase, ''),
       case when i.phase like '%scanning%' then i.blocks_done
            when i.phase like '%loading%' then i.tuples_done else 0 end,
       case when i.phase like '%scanning%' then i.blocks_total
            when i.phase like '%loading%' then i.tuples_total else 0 end
  from (select) once
  left join pg_stat_activity a on a.pid = $1
  left join pg_stat_progress_create_index i on i.pid = $1
  left join pg_class t on t.oid = i.relid)sql";

constexpr std::string_view holders_sql = R"sql(
select holder, coalesce(a.application_name, '')
  from unnest(pg_blocking_pids($1)) as b (holder) left join pg_stat_activity a on a.pid = holder
 order by holder limit $2)sql";

asio::awaitable<pg::result<std::vector<lock_holder>>> read_holders(
    pg::connection& db, std::int32_t backend_pid, std::chrono::steady_clock::duration timeout) {
  pg::statement statement{};
  statement.name = "read who holds the lock";
  statement.sql = holders_sql;
  statement.parameters.push_back(pg::wire::int4(backend_pid));
  statement.parameters.push_back(pg::wire::int8(lock_holders_max));
  statement.result_types = {oid::int4, oid::text};
  const auto rows = co_await db.query(statement, timeout);
  if (!rows) co_return rows.error();
  std::vector<lock_holder> holders;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    holders.push_back({rows->get<std::int32_t>(row, 0), rows->get<std::string>(row, 1)});
  }
  co_return holders;
}

}  // namespace

asio::awaitable<pg::result<migration_sight>> look_at_migration(
    pg::connection& db, std::int32_t backend_pid, std::chrono::steady_clock::duration timeout) {
  pg::statement statement{};
  statement.name = "look at the migration";
  statement.sql = sight_sql;
  statement.parameters.push_back(pg::wire::int4(backend_pid));
  statement.result_types = {oid::boolean, oid::boolean, oid::text, oid::int8, oid::boolean,
                            oid::text,    oid::text,    oid::int8, oid::int8};
  const auto rows = co_await db.query(statement, timeout);
  if (!rows) co_return rows.error();
  migration_sight seen{};
  seen.waits_for_lock = rows->get<bool>(0, 0);
  seen.for_another_migration = rows->get<bool>(0, 1);
  seen.table = rows->get<std::string>(0, 2);
  seen.holders_in_all = rows->get<std::int64_t>(0, 3);
  if (rows->get<bool>(0, 4)) {
    seen.index = index_build{rows->get<std::string>(0, 5), rows->get<std::string>(0, 6),
                             rows->get<std::int64_t>(0, 7), rows->get<std::int64_t>(0, 8)};
  }
  if (!seen.waits_for_lock) co_return seen;
  auto holders = co_await read_holders(db, backend_pid, timeout);
  if (!holders) co_return holders.error();
  seen.holders = std::move(*holders);
  co_return seen;
}

}  // namespace ingestor::ledger
