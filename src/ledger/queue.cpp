#include "ledger/queue.hpp"

#include "ledger/statements.hpp"

#include <vector>

namespace ingestor::ledger {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using pg::wire::oid;

// The anti-join keeps a listing of known keys read-only: ON CONFLICT alone would take an identity
// value for each of them at each listing.
constexpr std::string_view enqueue_sql = R"sql(
with listed as (
  select * from unnest($2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
    as l (s3_key, etag, size, last_modified)
), inserted as (
  insert into processed_file (bucket, s3_key, etag, size, last_modified)
  select $1, l.s3_key, l.etag, l.size, l.last_modified from listed l
   where not exists (select from processed_file f where f.bucket = $1 and f.s3_key = l.s3_key)
   order by l.s3_key
  on conflict (bucket, s3_key) do nothing
  returning id
), known as (
  select f.id, f.status, f.overwritten_etag, f.etag <> l.etag as is_other,
         f.status = 'completed' and not $6 as stays, l.etag, l.size, l.last_modified
    from processed_file f join listed l on f.bucket = $1 and f.s3_key = l.s3_key
   where f.status <> 'processing' and (f.etag <> l.etag or f.overwritten_etag is not null)
), changed as (
  update processed_file f
     set status = 'pending', etag = k.etag, size = k.size, last_modified = k.last_modified,
         attempts = 0, lease_expiries = 0, next_attempt_at = null, overwritten_etag = null,
         queued_at = case when f.status = 'pending' then f.queued_at else now() end
    from known k where f.id = k.id and f.status = k.status and k.is_other and not k.stays
  returning f.id
), marked as (
  update processed_file f set overwritten_etag = case when k.is_other then k.etag end
    from known k
   where f.id = k.id and f.status = k.status and (k.stays or not k.is_other)
     and k.overwritten_etag is distinct from case when k.is_other then k.etag end
)
select (select count(*) from inserted), (select count(*) from changed),
       (select count(*) from known where is_other and stays))sql";

constexpr std::string_view requeue_sql = R"sql(
with due as (
  select id from processed_file
   where bucket = $1 and starts_with(s3_key, $2) and status = 'failed' and next_attempt_at <= now()
   order by next_attempt_at limit $3 for update skip locked
), retried as (
  update processed_file f set status = 'pending', next_attempt_at = null, queued_at = now()
    from due where f.id = due.id returning f.id
), silent as (
  select id from processed_file
   where bucket = $1 and starts_with(s3_key, $2) and status = 'processing'
     and lease_expires_at < now()
   order by lease_expires_at limit $3 for update skip locked
), expired as (
  update processed_file f
     set status = 'pending', queued_at = now(), lease_expiries = f.lease_expiries + 1,
         lease_owner = null, lease_session = null, lease_expires_at = null
    from silent s where f.id = s.id and f.lease_expiries + 1 < $4 returning f.id
), given_up as (
  update processed_file f
     set status = 'failed', lease_expiries = f.lease_expiries + 1, next_attempt_at = null,
         lease_owner = null, lease_session = null, lease_expires_at = null, processed_at = now(),
         rows_written = 0,
         metadata = jsonb_build_object('error',
           'its replica died each time, ' || (f.lease_expiries + 1) || ' times in a row',
           'stage', 'decode', 'attempt', f.attempts, 'replica', f.lease_owner, 'at', now())
    from silent s where f.id = s.id and f.lease_expiries + 1 >= $4 returning f.id
)
select (select count(*) from retried), (select count(*) from expired),
       (select count(*) from given_up))sql";

// A session shows itself by the lock that opening_statements() takes; a bigint key is shown as its
// upper half, its lower half, and 1. What a process has begun since its lease ran out it has begun
// after it came back.
constexpr std::string_view end_sessions_sql = R"sql(
with silent as materialized (
  select lease_session as session, max(lease_expires_at) as since from processed_file
   where bucket = $1 and starts_with(s3_key, $2) and status = 'processing'
     and lease_expires_at < now() and lease_session is not null
   group by lease_session limit $3
)
select count(*) filter (where held.ended)
  from silent s cross join lateral (
    select pg_terminate_backend(l.pid) as ended
      from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.mode = 'ShareLock' and l.objsubid = 1
       and l.classid::bigint = s.session >> 32 and l.objid::bigint = s.session & 4294967295
       and a.datname = current_database() and a.usename = current_user
       and a.xact_start < s.since) held)sql";

/// Processes whose sessions one call ends.
constexpr std::int64_t silent_sessions_max = 100;

}  // namespace

asio::awaitable<pg::result<std::int64_t>> end_silent_sessions(pg::connection& db,
                                                              const scope& where) {
  auto statement = statement_about(where, "end the sessions of silent replicas", end_sessions_sql);
  statement.parameters.push_back(pg::wire::int8(silent_sessions_max));
  statement.result_types = {oid::int8};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  co_return rows->get<std::int64_t>(0, 0);
}

asio::awaitable<pg::result<enqueued>> enqueue(pg::connection& db, const scope& where,
                                              std::span<const listed_object> objects,
                                              overwritten then) {
  std::vector<std::string> keys;
  std::vector<std::string> etags;
  std::vector<std::int64_t> sizes;
  std::vector<timestamp> times;
  for (const auto& object : objects) {
    keys.push_back(object.key);
    etags.push_back(object.etag);
    sizes.push_back(object.size);
    times.push_back(object.last_modified);
  }
  pg::statement statement{};
  statement.name = "queue the listed objects";
  statement.sql = enqueue_sql;
  statement.parameters.push_back(pg::wire::text(where.bucket));
  statement.parameters.push_back(pg::wire::text_array(keys));
  statement.parameters.push_back(pg::wire::text_array(etags));
  statement.parameters.push_back(pg::wire::int8_array(sizes));
  statement.parameters.push_back(pg::wire::timestamptz_array(times));
  statement.parameters.push_back(pg::wire::boolean(then == overwritten::replaced));
  statement.result_types = {oid::int8, oid::int8, oid::int8};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  enqueued counts{};
  counts.queued = static_cast<std::uint64_t>(rows->get<std::int64_t>(0, 0));
  counts.changed = static_cast<std::uint64_t>(rows->get<std::int64_t>(0, 1));
  counts.overwritten = static_cast<std::uint64_t>(rows->get<std::int64_t>(0, 2));
  co_return counts;
}

asio::awaitable<pg::result<requeued>> requeue(pg::connection& db, const scope& where,
                                              std::int64_t files_max) {
  auto statement = statement_about(where, "return due files to the queue", requeue_sql);
  statement.parameters.push_back(pg::wire::int8(files_max));
  statement.parameters.push_back(pg::wire::int8(lease_expiries_max));
  statement.result_types = {oid::int8, oid::int8, oid::int8};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  requeued counts{};
  counts.retried = rows->get<std::int64_t>(0, 0);
  counts.expired = rows->get<std::int64_t>(0, 1);
  counts.given_up = rows->get<std::int64_t>(0, 2);
  co_return counts;
}

}  // namespace ingestor::ledger
