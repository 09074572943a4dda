#include "ingest/dropped_rows.hpp"

#include "ingest/bounds.hpp"

#include <string>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;

/// How many triggers are named; whoever has more finds them.
constexpr std::int64_t names_max = 5;

// On the table, its partitions and its chunks, each name where it is highest. The bits of tgtype
// are ROW, BEFORE and INSERT. TimescaleDB's own trigger on a hypertable only sees that no row stays
// in the parent.
constexpr std::string_view triggers_sql = R"sql(
with recursive part (id, depth) as (
  select to_regclass($1)::oid, 0
  union all
  select i.inhrelid, p.depth + 1 from pg_inherits i join part p on i.inhparent = p.id
), named as (
  select distinct on (t.tgname) t.tgname, format('%I on %s', t.tgname, t.tgrelid::regclass) as what
    from pg_trigger t join part p on t.tgrelid = p.id
   where not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 7 = 7
     and not exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid
                      where d.classid = 'pg_proc'::regclass and d.objid = t.tgfoid
                        and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
                        and e.extname like 'timescaledb%')
   order by t.tgname, p.depth
)
select what from named order by tgname limit $2)sql";

// Empty where there are none, and where nobody could be asked.
asio::awaitable<std::string> trigger_names(pg::connection& db, std::string_view table) {
  pg::statement statement{};
  statement.name = "look for triggers that drop rows";
  statement.sql = triggers_sql;
  statement.parameters.push_back(pg::wire::text(table));
  statement.parameters.push_back(pg::wire::int8(names_max));
  statement.result_types = {pg::wire::oid::text};
  const auto found = co_await db.query(statement, statement_timeout);
  std::string names;
  for (std::size_t row = 0; found && row < found->size(); ++row) {
    if (row > 0) names += ", ";
    names += found->get<std::string>(row, 0);
  }
  co_return names;
}

}  // namespace

asio::awaitable<failure> dropped_rows(pg::connection& db, std::string_view table,
                                      std::uint64_t sent, std::uint64_t kept) {
  const auto names = co_await trigger_names(db, table);
  auto text = "the database kept " + std::to_string(kept) + " of " + std::to_string(sent) +
              " rows of " + std::string{table} + ": ";
  text += names.empty() ? "look for a trigger or rule that drops rows"
                        : "rows are dropped by a BEFORE INSERT trigger: " + names;
  co_return failure{failure_kind::file, stage::write, std::move(text)};
}

}  // namespace ingestor::ingest
