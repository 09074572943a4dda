#include "ledger/figures.hpp"

#include "ledger/statements.hpp"

namespace ingestor::ledger {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using pg::wire::oid;

constexpr std::string_view pending_sql = R"sql(
select exists (select from processed_file
                where bucket = $1 and status = 'pending' and starts_with(s3_key, $2)))sql";

// Two questions, for each has an index of its own.
constexpr std::string_view unfinished_sql = R"sql(
select exists (select from processed_file
                where bucket = $1 and status = 'pending' and starts_with(s3_key, $2))
    or exists (select from processed_file
                where bucket = $1 and status = 'processing' and starts_with(s3_key, $2)))sql";

constexpr std::string_view backlog_sql = R"sql(
select count(*), coalesce(sum(size), 0)::bigint
  from processed_file
 where bucket = $1 and starts_with(s3_key, $2)
   and (status = 'pending' or status = 'processing' and lease_session = $3))sql";

constexpr std::string_view figures_sql = R"sql(
select count(*) filter (where status = 'pending'),
       count(*) filter (where status = 'processing'),
       count(*) filter (where status = 'completed'),
       count(*) filter (where status = 'failed'),
       count(*) filter (where status = 'failed' and next_attempt_at is not null),
       coalesce(sum(rows_written), 0)::bigint,
       coalesce(sum(lines_rejected), 0)::bigint,
       count(*) filter (where overwritten_etag is not null),
       extract(epoch from now() - min(case when processed_at is null then discovered_at
                                           else queued_at end) filter (where status = 'pending'))
         ::double precision,
       max(last_timestamp),
       max(processed_at) filter (where status = 'completed'),
       now()
  from processed_file where bucket = $1 and starts_with(s3_key, $2))sql";

constexpr std::string_view failures_sql = R"sql(
select id, s3_key, coalesce(metadata->>'error', ''), coalesce(metadata->>'stage', ''), attempts,
       next_attempt_at
  from processed_file
 where bucket = $1 and starts_with(s3_key, $2) and status = 'failed'
 order by processed_at desc nulls last limit $3)sql";

// Found by processed_file_rejects; of each file only the first rejected lines are read.
constexpr std::string_view rejecting_sql = R"sql(
with latest as (
  select id, s3_key, lines_rejected, processed_at
    from processed_file
   where bucket = $1 and starts_with(s3_key, $2) and lines_rejected > 0 and status = 'completed'
     and processed_at is not null
   order by processed_at desc limit $3
)
select f.id, f.s3_key, f.lines_rejected, f.processed_at, r.reason
  from latest f left join lateral (
    select reason, min(line) as line
      from (select line, reason from rejected_line where file_id = f.id order by line limit 100) few
     group by reason order by min(line) limit 3) r on true
 order by f.processed_at desc, f.id, r.line)sql";

asio::awaitable<pg::result<bool>> ask(pg::connection& db, std::string_view name,
                                      std::string_view sql, const scope& where) {
  auto statement = statement_about(where, name, sql);
  statement.result_types = {oid::boolean};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  co_return rows->get<bool>(0, 0);
}

}  // namespace

asio::awaitable<pg::result<bool>> anything_pending(pg::connection& db, const scope& where) {
  return ask(db, "look for pending files", pending_sql, where);
}

asio::awaitable<pg::result<bool>> anything_unfinished(pg::connection& db, const scope& where) {
  return ask(db, "look for unfinished files", unfinished_sql, where);
}

asio::awaitable<pg::result<void>> probe(pg::connection& db,
                                        std::chrono::steady_clock::duration timeout) {
  pg::statement statement{};
  statement.name = "ask whether the database answers";
  statement.sql = "select";
  const auto done = co_await db.execute(statement, timeout);
  if (!done) co_return done.error();
  co_return pg::result<void>{};
}

asio::awaitable<pg::result<backlog>> read_backlog(pg::connection& db, const scope& where,
                                                  std::int64_t session) {
  auto statement = statement_about(where, "read the backlog", backlog_sql);
  statement.parameters.push_back(pg::wire::int8(session));
  statement.result_types = {oid::int8, oid::int8};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  co_return backlog{rows->get<std::int64_t>(0, 0), rows->get<std::int64_t>(0, 1)};
}

asio::awaitable<pg::result<figures>> read_figures(pg::connection& db, const scope& where) {
  auto statement = statement_about(where, "read the ledger's figures", figures_sql);
  statement.result_types = {oid::int8,   oid::int8,        oid::int8,        oid::int8,
                            oid::int8,   oid::int8,        oid::int8,        oid::int8,
                            oid::float8, oid::timestamptz, oid::timestamptz, oid::timestamptz};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  figures found{};
  found.pending = rows->get<std::int64_t>(0, 0);
  found.processing = rows->get<std::int64_t>(0, 1);
  found.completed = rows->get<std::int64_t>(0, 2);
  found.failed = rows->get<std::int64_t>(0, 3);
  found.waiting = rows->get<std::int64_t>(0, 4);
  found.rows = rows->get<std::int64_t>(0, 5);
  found.lines_rejected = rows->get<std::int64_t>(0, 6);
  found.overwritten = rows->get<std::int64_t>(0, 7);
  found.oldest_pending_age_seconds = rows->get<std::optional<double>>(0, 8);
  found.newest_row_at = rows->get<std::optional<timestamp>>(0, 9);
  found.last_completed_at = rows->get<std::optional<timestamp>>(0, 10);
  found.read_at = rows->get<timestamp>(0, 11);
  co_return found;
}

asio::awaitable<pg::result<std::vector<latest_failure>>> read_latest_failures(
    pg::connection& db, const scope& where, std::int64_t failures_max) {
  auto statement = statement_about(where, "read the latest failures", failures_sql);
  statement.parameters.push_back(pg::wire::int8(failures_max));
  statement.result_types = {oid::int8, oid::text, oid::text,
                            oid::text, oid::int4, oid::timestamptz};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  std::vector<latest_failure> failures;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    latest_failure failure{};
    failure.id = rows->get<std::int64_t>(row, 0);
    failure.key = rows->get<std::string>(row, 1);
    failure.error = rows->get<std::string>(row, 2);
    failure.stage = rows->get<std::string>(row, 3);
    failure.attempts = rows->get<std::int32_t>(row, 4);
    failure.next_attempt_at = rows->get<std::optional<timestamp>>(row, 5);
    failures.push_back(std::move(failure));
  }
  co_return failures;
}

asio::awaitable<pg::result<std::vector<rejecting_file>>> read_rejecting_files(
    pg::connection& db, const scope& where, std::int64_t files_max) {
  auto statement = statement_about(where, "read the latest rejects", rejecting_sql);
  statement.parameters.push_back(pg::wire::int8(files_max));
  statement.result_types = {oid::int8, oid::text, oid::int8, oid::timestamptz, oid::text};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  std::vector<rejecting_file> files;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto id = rows->get<std::int64_t>(row, 0);
    if (files.empty() || files.back().id != id) {
      auto& file = files.emplace_back();
      file.id = id;
      file.key = rows->get<std::string>(row, 1);
      file.lines_rejected = rows->get<std::int64_t>(row, 2);
      file.completed_at = rows->get<timestamp>(row, 3);
    }
    auto reason = rows->get<std::optional<std::string>>(row, 4);
    if (reason) files.back().reasons.push_back(std::move(*reason));
  }
  co_return files;
}

}  // namespace ingestor::ledger
