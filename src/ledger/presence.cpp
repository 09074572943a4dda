#include "ledger/presence.hpp"

#include "ledger/statements.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace ingestor::ledger {
namespace {

namespace asio = boost::asio;
using pg::wire::oid;

// Two replicas may tidy up at the same time: neither waits for the other.
constexpr std::string_view report_sql = R"sql(
with gone as (
  select session from ingestor_replica
   where bucket = $1 and session <> $3
     and (seen_at < now() - interval '1 day'
          or name = $4 and seen_at < now() - interval '30 seconds')
     for update skip locked
), removed as (
  delete from ingestor_replica r using gone where r.session = gone.session
), fetcher as (
  select coalesce(jsonb_agg(to_jsonb(f) - 'n' order by n), '[]') as reports
    from unnest($15::text[], $16::text[], $17::bigint[], $18::bigint[], $19::bigint[],
                $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[]) with ordinality
      as f (stage, key, file_id, files, files_read, bytes_total, bytes_read, rows, milliseconds, n)
)
insert into ingestor_replica as r
       (bucket, key_prefix, session, name, version, state, started_at, files_completed, files_failed,
        rows_written, lines_rejected, bytes_compressed, rows_per_second, bytes_per_second, fetchers)
select $1, $2, $3, $4, $5, $6, now() - $7 * interval '1 second', $8, $9, $10, $11, $12, $13, $14,
       reports from fetcher
on conflict (session) do update
   set seen_at = now(), state = excluded.state, files_completed = excluded.files_completed,
       files_failed = excluded.files_failed, rows_written = excluded.rows_written,
       lines_rejected = excluded.lines_rejected, bytes_compressed = excluded.bytes_compressed,
       rows_per_second = excluded.rows_per_second, bytes_per_second = excluded.bytes_per_second,
       fetchers = excluded.fetchers)sql";

constexpr std::string_view leave_sql = "delete from ingestor_replica where session = $1";

constexpr std::string_view replicas_sql = R"sql(
with held as (
  select coalesce(lease_session, 0) as session, coalesce(lease_owner, '') as name,
         count(*) as files, min(lease_expires_at) as lease_expires_at
    from processed_file
   where bucket = $1 and starts_with(s3_key, $2) and status = 'processing'
   group by 1, 2
), reported as (
  select * from ingestor_replica
   where bucket = $1 and (starts_with(key_prefix, $2) or starts_with($2, key_prefix))
)
select coalesce(r.name, h.name), coalesce(h.files, 0), h.lease_expires_at, r.session,
       coalesce(extract(epoch from now() - r.seen_at), 0)::double precision,
       r.version, r.state,
       coalesce(extract(epoch from r.seen_at - r.started_at), 0)::double precision,
       coalesce(r.files_completed, 0), coalesce(r.files_failed, 0), coalesce(r.rows_written, 0),
       coalesce(r.lines_rejected, 0), coalesce(r.bytes_compressed, 0),
       coalesce(r.rows_per_second, 0), coalesce(r.bytes_per_second, 0)
  from held h full join reported r on r.session = h.session
 order by 1, 4 limit $3)sql";

constexpr std::string_view fetchers_sql = R"sql(
select r.session, coalesce(f.stage, ''), coalesce(f.key, ''), coalesce(f.file_id, 0),
       coalesce(f.files, 0), coalesce(f.files_read, 0), coalesce(f.bytes_total, 0),
       coalesce(f.bytes_read, 0), coalesce(f.rows, 0), coalesce(f.milliseconds, 0)
  from ingestor_replica r,
       jsonb_to_recordset(r.fetchers)
         as f (stage text, key text, file_id bigint, files bigint, files_read bigint,
               bytes_total bigint, bytes_read bigint, rows bigint, milliseconds bigint)
 where r.session = any ($1::bigint[])
 limit $2)sql";

/// Of all replicas together.
constexpr std::int64_t fetchers_max = 1000;

constexpr double milliseconds_per_second = 1000;

void add_fetchers(pg::statement& to, std::span<const fetcher_presence> fetchers) {
  const auto add_texts = [&](std::string fetcher_presence::*member) {
    std::vector<std::string> values;
    for (const auto& fetcher : fetchers) values.push_back(fetcher.*member);
    to.parameters.push_back(pg::wire::text_array(values));
  };
  const auto add_numbers = [&](std::int64_t fetcher_presence::*member) {
    std::vector<std::int64_t> values;
    for (const auto& fetcher : fetchers) values.push_back(fetcher.*member);
    to.parameters.push_back(pg::wire::int8_array(values));
  };
  add_texts(&fetcher_presence::stage);
  add_texts(&fetcher_presence::key);
  for (std::int64_t fetcher_presence::*const member :
       {&fetcher_presence::file_id, &fetcher_presence::files, &fetcher_presence::files_read,
        &fetcher_presence::bytes_total, &fetcher_presence::bytes_read, &fetcher_presence::rows}) {
    add_numbers(member);
  }
  std::vector<std::int64_t> times;
  for (const auto& fetcher : fetchers) {
    times.push_back(static_cast<std::int64_t>(fetcher.seconds * milliseconds_per_second));
  }
  to.parameters.push_back(pg::wire::int8_array(times));
}

presence presence_at(const pg::row_set& rows, std::size_t row) {
  presence out{};
  out.session = rows.get<std::int64_t>(row, 3);
  out.name = rows.get<std::string>(row, 0);
  out.version = rows.get<std::string>(row, 5);
  out.state = rows.get<std::string>(row, 6);
  out.uptime_seconds = rows.get<double>(row, 7);
  out.files_completed = rows.get<std::int64_t>(row, 8);
  out.files_failed = rows.get<std::int64_t>(row, 9);
  out.rows = rows.get<std::int64_t>(row, 10);
  out.lines_rejected = rows.get<std::int64_t>(row, 11);
  out.bytes_compressed = rows.get<std::int64_t>(row, 12);
  out.rows_per_second = rows.get<double>(row, 13);
  out.bytes_per_second = rows.get<double>(row, 14);
  return out;
}

fetcher_presence fetcher_at(const pg::row_set& rows, std::size_t row) {
  fetcher_presence out{};
  out.stage = rows.get<std::string>(row, 1);
  out.key = rows.get<std::string>(row, 2);
  out.file_id = rows.get<std::int64_t>(row, 3);
  out.files = rows.get<std::int64_t>(row, 4);
  out.files_read = rows.get<std::int64_t>(row, 5);
  out.bytes_total = rows.get<std::int64_t>(row, 6);
  out.bytes_read = rows.get<std::int64_t>(row, 7);
  out.rows = rows.get<std::int64_t>(row, 8);
  out.seconds = static_cast<double>(rows.get<std::int64_t>(row, 9)) / milliseconds_per_second;
  return out;
}

asio::awaitable<pg::result<void>> add_fetchers_of(pg::connection& db, std::vector<replica>& all) {
  std::vector<std::int64_t> sessions;
  for (const auto& one : all) {
    if (one.reported) sessions.push_back(one.reported->session);
  }
  pg::statement statement{};
  statement.name = "read what the replicas' fetchers do";
  statement.sql = fetchers_sql;
  statement.parameters.push_back(pg::wire::int8_array(sessions));
  statement.parameters.push_back(pg::wire::int8(fetchers_max));
  statement.result_types = {oid::int8, oid::text, oid::text, oid::int8, oid::int8,
                            oid::int8, oid::int8, oid::int8, oid::int8, oid::int8};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto session = rows->get<std::int64_t>(row, 0);
    const auto of = std::ranges::find_if(
        all, [&](const replica& one) { return one.reported && one.reported->session == session; });
    if (of != all.end()) of->reported->fetchers.push_back(fetcher_at(*rows, row));
  }
  co_return pg::result<void>{};
}

}  // namespace

asio::awaitable<pg::result<void>> report(pg::connection& db, const scope& where,
                                         const presence& self) {
  auto statement = statement_about(where, "report what this replica does", report_sql);
  auto& to = statement.parameters;
  to.push_back(pg::wire::int8(self.session));
  to.push_back(pg::wire::text(self.name));
  to.push_back(pg::wire::text(self.version));
  to.push_back(pg::wire::text(self.state));
  to.push_back(pg::wire::float8(self.uptime_seconds));
  for (const auto number : {self.files_completed, self.files_failed, self.rows, self.lines_rejected,
                            self.bytes_compressed}) {
    to.push_back(pg::wire::int8(number));
  }
  to.push_back(pg::wire::float8(self.rows_per_second));
  to.push_back(pg::wire::float8(self.bytes_per_second));
  add_fetchers(statement, self.fetchers);
  const auto done = co_await db.execute(statement, query_timeout);
  if (!done) co_return done.error();
  co_return pg::result<void>{};
}

asio::awaitable<pg::result<void>> leave(pg::connection& db, std::int64_t session) {
  pg::statement statement{};
  statement.name = "take this replica's report back";
  statement.sql = leave_sql;
  statement.parameters.push_back(pg::wire::int8(session));
  const auto done = co_await db.execute(statement, query_timeout);
  if (!done) co_return done.error();
  co_return pg::result<void>{};
}

asio::awaitable<pg::result<std::vector<replica>>> read_replicas(pg::connection& db,
                                                                const scope& where,
                                                                std::int64_t replicas_max) {
  auto statement = statement_about(where, "read what the replicas do", replicas_sql);
  statement.parameters.push_back(pg::wire::int8(replicas_max));
  statement.result_types = {oid::text, oid::int8, oid::timestamptz, oid::int8,   oid::float8,
                            oid::text, oid::text, oid::float8,      oid::int8,   oid::int8,
                            oid::int8, oid::int8, oid::int8,        oid::float8, oid::float8};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  std::vector<replica> all;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    auto& one = all.emplace_back();
    one.name = rows->get<std::string>(row, 0);
    one.files = rows->get<std::int64_t>(row, 1);
    one.lease_expires_at = rows->get<std::optional<timestamp>>(row, 2);
    if (!rows->get<std::optional<std::int64_t>>(row, 3)) continue;
    one.report_age_seconds = rows->get<double>(row, 4);
    one.reported = presence_at(*rows, row);
  }
  const auto added = co_await add_fetchers_of(db, all);
  if (!added) co_return added.error();
  co_return all;
}

}  // namespace ingestor::ledger
