#include "ledger/outcome.hpp"

#include "base/secret.hpp"
#include "base/utf8.hpp"
#include "ledger/statements.hpp"

#include <vector>

namespace ingestor::ledger {
namespace {

using pg::wire::oid;

constexpr std::size_t error_bytes_max = 4096;
constexpr std::string_view complete_sql = R"sql(
with completed as (
  update processed_file f
     set status = 'completed', lease_owner = null, lease_session = null, lease_expires_at = null,
         next_attempt_at = null, lease_expiries = 0, overwritten_etag = null,
         processed_at = clock_timestamp(), rows_written = c.row_count, lines_rejected = c.rejected,
         first_timestamp = case when c.row_count > 0 then c.first_timestamp end,
         last_timestamp = case when c.row_count > 0 then c.last_timestamp end,
         metadata = jsonb_build_object('replica', $9::text, 'bytes_inflated', c.bytes_inflated,
                                       'compression', c.compression)
    from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[],
                $6::timestamptz[], $7::bigint[], $8::text[])
         as c (id, token, row_count, rejected, first_timestamp, last_timestamp, bytes_inflated,
               compression)
   where f.id = c.id and f.claim_token = c.token and f.status = 'processing'
  returning f.id
)
select ingestor_fence((select count(*) from completed), cardinality($1::bigint[])))sql";

// What says where rows of an earlier version are stays: they are in `log` until a later attempt
// replaces them.
constexpr std::string_view fail_sql = R"sql(
with failed as (
  update processed_file f
     set status = 'failed', lease_owner = null, lease_session = null, lease_expires_at = null,
         lease_expiries = 0,
         attempts = f.attempts + c.used, processed_at = clock_timestamp(), rows_written = 0,
         next_attempt_at = case when c.wait_ms >= 0
                                then clock_timestamp() + c.wait_ms * interval '1 millisecond' end,
         metadata = jsonb_build_object('error', c.error, 'stage', c.stage,
                                       'attempt', f.attempts + c.used, 'replica', $6::text,
                                       'at', clock_timestamp())
                    || case when f.first_timestamp is null then '{}'
                            else '{"keeps_earlier_rows": true}' end::jsonb
    from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $7::integer[])
         as c (id, token, error, stage, wait_ms, used)
   where f.id = c.id and f.claim_token = c.token and f.status = 'processing'
  returning f.id
)
select ingestor_fence((select count(*) from failed), cardinality($1::bigint[])))sql";

}  // namespace

pg::statement complete_statement(std::span<const completed_file> files, std::string_view replica) {
  std::vector<std::int64_t> ids, tokens, rows, rejected, inflated;
  std::vector<timestamp> first, last;
  std::vector<std::string> compression;
  for (const auto& file : files) {
    ids.push_back(file.held.id);
    tokens.push_back(file.held.token);
    rows.push_back(static_cast<std::int64_t>(file.rows));
    rejected.push_back(static_cast<std::int64_t>(file.lines_rejected));
    first.push_back(file.first_timestamp);
    last.push_back(file.last_timestamp);
    inflated.push_back(static_cast<std::int64_t>(file.bytes_inflated));
    compression.emplace_back(file.compression);
  }
  pg::statement statement{};
  statement.name = "complete the files";
  statement.sql = complete_sql;
  statement.parameters.push_back(pg::wire::int8_array(ids));
  statement.parameters.push_back(pg::wire::int8_array(tokens));
  statement.parameters.push_back(pg::wire::int8_array(rows));
  statement.parameters.push_back(pg::wire::int8_array(rejected));
  statement.parameters.push_back(pg::wire::timestamptz_array(first));
  statement.parameters.push_back(pg::wire::timestamptz_array(last));
  statement.parameters.push_back(pg::wire::int8_array(inflated));
  statement.parameters.push_back(pg::wire::text_array(compression));
  statement.parameters.push_back(pg::wire::text(replica));
  statement.result_types = {oid::int8};
  return statement;
}

std::optional<std::chrono::milliseconds> next_attempt_of(const failed_file& file,
                                                         const retry_terms& terms) {
  if (file.by_bug) return std::nullopt;
  return next_attempt_after(file.attempts + 1, terms);
}

pg::statement fail_statement(std::span<const failed_file> files, std::string_view replica,
                             const retry_terms& terms) {
  std::vector<std::int64_t> ids, tokens, waits;
  std::vector<std::int32_t> attempts_used;
  std::vector<std::string> errors, stages;
  for (const auto& file : files) {
    ids.push_back(file.held.id);
    tokens.push_back(file.held.token);
    errors.push_back(storable_text(without_secrets(file.error), error_bytes_max));
    stages.emplace_back(file.stage);
    const auto wait = next_attempt_of(file, terms);
    waits.push_back(wait ? wait->count() : -1);
    attempts_used.push_back(file.by_bug ? 0 : 1);
  }
  pg::statement statement{};
  statement.name = "record the failures";
  statement.sql = fail_sql;
  statement.parameters.push_back(pg::wire::int8_array(ids));
  statement.parameters.push_back(pg::wire::int8_array(tokens));
  statement.parameters.push_back(pg::wire::text_array(errors));
  statement.parameters.push_back(pg::wire::text_array(stages));
  statement.parameters.push_back(pg::wire::int8_array(waits));
  statement.parameters.push_back(pg::wire::text(replica));
  statement.parameters.push_back(pg::wire::int4_array(attempts_used));
  statement.result_types = {oid::int8};
  return statement;
}

boost::asio::awaitable<pg::result<void>> fail(pg::connection& db, const failed_file& file,
                                              std::string_view replica, const retry_terms& terms) {
  const auto statement = fail_statement({&file, 1}, replica, terms);
  const auto done = co_await db.query(statement, query_timeout);
  if (!done) co_return done.error();
  co_return pg::result<void>{};
}

}  // namespace ingestor::ledger
