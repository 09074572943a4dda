#include "ledger/retry.hpp"

#include "ledger/statements.hpp"

namespace ingestor::ledger {
namespace {

using pg::wire::oid;

// The page is taken by id and not from what is wanted, so that each statement reads the same number
// of rows, however few of them match, and none is read twice. What its status rules out is not
// matched: that costs the most.
constexpr std::string_view retry_sql = R"sql(
with page as materialized (
  select id, status,
         (status in ('failed', 'processing') or $6 and status = 'completed')
           and bucket = $1 and starts_with(s3_key, $2) and s3_key collate "C" ~ $3 as matches
    from processed_file where id > $4 order by id limit $5
), wanted as (
  select id from page where matches and status <> 'processing'
), taken as (
  select f.id, f.status from processed_file f join wanted w on f.id = w.id
   where f.status = 'failed' or $6 and f.status = 'completed'
   order by f.id for update of f skip locked
), queued as (
  update processed_file f
     set status = 'pending', attempts = 0, lease_expiries = 0, next_attempt_at = null,
         overwritten_etag = null, queued_at = now()
    from taken t where f.id = t.id
  returning t.status as before
)
select (select count(*) from queued where before = 'failed'),
       (select count(*) from queued where before = 'completed'),
       (select count(*) from page where matches and status = 'processing')
         + (select count(*) from wanted) - (select count(*) from queued),
       (select count(*) from page),
       coalesce((select max(id) from page), $4))sql";

}  // namespace

boost::asio::awaitable<pg::result<retried_page>> retry_page(pg::connection& db, const scope& where,
                                                            const retry_wish& wish,
                                                            std::int64_t after_id) {
  auto statement = statement_about(where, "return the wanted files to the queue", retry_sql);
  statement.parameters.push_back(pg::wire::text(wish.keys_like));
  statement.parameters.push_back(pg::wire::int8(after_id));
  statement.parameters.push_back(pg::wire::int8(retry_rows_max));
  statement.parameters.push_back(pg::wire::boolean(wish.completed_too));
  statement.result_types = {oid::int8, oid::int8, oid::int8, oid::int8, oid::int8};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  retried_page page{};
  page.failed = rows->get<std::int64_t>(0, 0);
  page.completed = rows->get<std::int64_t>(0, 1);
  page.busy = rows->get<std::int64_t>(0, 2);
  page.at_the_end = rows->get<std::int64_t>(0, 3) < retry_rows_max;
  page.last_id = rows->get<std::int64_t>(0, 4);
  co_return page;
}

}  // namespace ingestor::ledger
