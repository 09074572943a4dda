#include "ledger/claim.hpp"

#include "ledger/statements.hpp"

#include <algorithm>

namespace ingestor::ledger {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using pg::wire::oid;

// The candidates are the first of the queue that nobody else is claiming at this moment: one range
// of processed_file_pending, which alone is in this order, so that no plan can do without it. If
// the first is to be taken alone it is; otherwise those are that need not be, up to the group's
// bytes. What was claimed before and never came back may kill its reader, and must not take others
// along; what has landed before has rows to be removed first, which may take long.
constexpr std::string_view take_sql = R"sql(
with candidate as materialized (
  select id, queued_at, size,
         size > $4 or lease_expiries > 0 or first_timestamp is not null or lines_rejected > 0 as alone
    from processed_file
   where bucket = $1 and status = 'pending' and starts_with(s3_key, $2)
     and (queued_at, id) >= ($9, $10)
   order by queued_at, id limit $3 for update skip locked
), ranked as (
  select id, alone, row_number() over queue as n,
         first_value(alone) over queue as first_alone,
         sum(size) filter (where not alone) over queue as group_bytes
    from candidate window queue as (order by queued_at, id)
), chosen as (
  select id from ranked
   where case when first_alone then n = 1
              else not alone and (n = 1 or group_bytes <= $5) end
)
update processed_file f
   set status = 'processing', claim_token = f.claim_token + 1, lease_owner = $6,
       lease_session = $7, lease_expires_at = now() + $8 * interval '1 millisecond'
  from chosen where f.id = chosen.id
returning f.id, f.claim_token, f.s3_key, f.etag, f.size, f.last_modified, f.attempts,
          f.first_timestamp is not null or f.lines_rejected > 0, f.first_timestamp, f.last_timestamp,
          f.queued_at)sql";

// A row that somebody has locked is left for the next time rather than waited for: it would hold up
// all the others. Lost is only what can be seen to be lost.
constexpr std::string_view keep_sql = R"sql(
with claim as (
  select * from unnest($1::bigint[], $2::bigint[]) as c (id, token)
), held as (
  select f.id from processed_file f join claim c on f.id = c.id and f.claim_token = c.token
   where f.status = 'processing' order by f.id for update of f skip locked
), kept as (
  update processed_file f set lease_expires_at = now() + $3 * interval '1 millisecond'
    from held where f.id = held.id
)
select c.id, c.token from claim c
 where not exists (select from processed_file f
                    where f.id = c.id and f.claim_token = c.token and f.status <> 'pending'))sql";

constexpr std::string_view give_back_sql = R"sql(
update processed_file f
   set status = 'pending', lease_owner = null, lease_session = null, lease_expires_at = null,
       queued_at = case when $3 then now() else f.queued_at end
  from unnest($1::bigint[], $2::bigint[]) as c (id, token)
 where f.id = c.id and f.claim_token = c.token and f.status = 'processing')sql";

constexpr std::string_view give_back_unknown_sql = R"sql(
update processed_file
   set status = 'pending', lease_owner = null, lease_session = null, lease_expires_at = null
 where status = 'processing' and lease_session = $1 and id <> all ($2::bigint[]))sql";

constexpr std::string_view give_back_changed_sql = R"sql(
update processed_file
   set status = 'pending', lease_owner = null, lease_session = null, lease_expires_at = null,
       etag = $3, size = $4, last_modified = $5, attempts = 0, queued_at = now()
 where id = $1 and claim_token = $2 and status = 'processing')sql";

// The session that sent the commit may still be at it. Locking its rows waits for its end; what it
// has not reached by then goes back in the same breath, so that it fails on our token. Where the
// two wait for each other the server ends one: the commit, or this, which is asked again.
constexpr std::string_view settle_sql = R"sql(
with claim as (
  select * from unnest($1::bigint[], $2::bigint[]) as c (id, token)
), seen as (
  select f.id, f.claim_token, f.status from processed_file f
    join claim c on f.id = c.id and f.claim_token = c.token order by f.id for update of f
), returned as (
  update processed_file f
     set status = 'pending', lease_owner = null, lease_session = null, lease_expires_at = null
    from seen where f.id = seen.id and seen.status = 'processing'
)
select id, claim_token, status::text from seen)sql";

void add_claims(pg::statement& statement, std::span<const claim> claims) {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> tokens;
  for (const auto& held : claims) {
    ids.push_back(held.id);
    tokens.push_back(held.token);
  }
  statement.parameters.push_back(pg::wire::int8_array(ids));
  statement.parameters.push_back(pg::wire::int8_array(tokens));
}

claim claim_at(const pg::row_set& rows, std::size_t row) {
  return {rows.get<std::int64_t>(row, 0), rows.get<std::int64_t>(row, 1)};
}

fate fate_of(std::string_view status) {
  if (status == "processing") return fate::returned;
  if (status == "completed") return fate::completed;
  if (status == "failed") return fate::failed;
  return fate::lost;
}

}  // namespace

asio::awaitable<pg::result<std::vector<claimed_file>>> take(pg::connection& db, const scope& where,
                                                            const claim_terms& terms,
                                                            queue_position from) {
  auto statement = statement_about(where, "claim files", take_sql);
  statement.parameters.push_back(pg::wire::int8(terms.files_max));
  statement.parameters.push_back(pg::wire::int8(terms.small_file_bytes_max));
  statement.parameters.push_back(pg::wire::int8(terms.group_bytes_max));
  statement.parameters.push_back(pg::wire::text(terms.replica));
  statement.parameters.push_back(pg::wire::int8(terms.session));
  statement.parameters.push_back(pg::wire::float8(static_cast<double>(terms.lease.count())));
  statement.parameters.push_back(pg::wire::timestamptz(from.queued_at));
  statement.parameters.push_back(pg::wire::int8(from.id));
  statement.result_types = {oid::int8,        oid::int8,        oid::text,       oid::text,
                            oid::int8,        oid::timestamptz, oid::int4,       oid::boolean,
                            oid::timestamptz, oid::timestamptz, oid::timestamptz};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  std::vector<claimed_file> files;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    claimed_file file{};
    file.held = claim_at(*rows, row);
    file.key = rows->get<std::string>(row, 2);
    file.etag = rows->get<std::string>(row, 3);
    file.size = rows->get<std::int64_t>(row, 4);
    file.last_modified = rows->get<timestamp>(row, 5);
    file.attempts = rows->get<std::int32_t>(row, 6);
    file.landed_before = rows->get<bool>(row, 7);
    const auto first = rows->get<std::optional<timestamp>>(row, 8);
    const auto last = rows->get<std::optional<timestamp>>(row, 9);
    if (first && last) file.earlier_rows = time_range{*first, *last};
    file.place = {rows->get<timestamp>(row, 10), file.held.id};
    files.push_back(std::move(file));
  }
  // UPDATE … RETURNING promises no order.
  std::ranges::sort(files, {}, [](const claimed_file& file) { return file.held.id; });
  co_return files;
}

asio::awaitable<pg::result<std::vector<claim>>> keep(pg::connection& db,
                                                     std::span<const claim> claims,
                                                     std::chrono::milliseconds lease,
                                                     std::chrono::steady_clock::duration timeout) {
  pg::statement statement{};
  statement.name = "extend the leases";
  statement.sql = keep_sql;
  add_claims(statement, claims);
  statement.parameters.push_back(pg::wire::float8(static_cast<double>(lease.count())));
  statement.result_types = {oid::int8, oid::int8};
  const auto rows = co_await db.query(statement, timeout);
  if (!rows) co_return rows.error();
  std::vector<claim> lost;
  for (std::size_t row = 0; row < rows->size(); ++row) lost.push_back(claim_at(*rows, row));
  co_return lost;
}

asio::awaitable<pg::result<std::uint64_t>> give_back(pg::connection& db,
                                                     std::span<const claim> claims, place where) {
  pg::statement statement{};
  statement.name = "give files back";
  statement.sql = give_back_sql;
  add_claims(statement, claims);
  statement.parameters.push_back(pg::wire::boolean(where == place::last));
  co_return co_await db.execute(statement, query_timeout);
}

asio::awaitable<pg::result<std::uint64_t>> give_back_unknown(pg::connection& db,
                                                             std::int64_t session,
                                                             std::span<const claim> known) {
  std::vector<std::int64_t> ids;
  for (const auto& held : known) ids.push_back(held.id);
  pg::statement statement{};
  statement.name = "give files back that were claimed unheard";
  statement.sql = give_back_unknown_sql;
  statement.parameters.push_back(pg::wire::int8(session));
  statement.parameters.push_back(pg::wire::int8_array(ids));
  co_return co_await db.execute(statement, query_timeout);
}

asio::awaitable<pg::result<void>> give_back_changed(pg::connection& db, claim held,
                                                    const std::string& etag, std::int64_t size,
                                                    timestamp last_modified) {
  pg::statement statement{};
  statement.name = "give a changed file back";
  statement.sql = give_back_changed_sql;
  statement.parameters.push_back(pg::wire::int8(held.id));
  statement.parameters.push_back(pg::wire::int8(held.token));
  statement.parameters.push_back(pg::wire::text(etag));
  statement.parameters.push_back(pg::wire::int8(size));
  statement.parameters.push_back(pg::wire::timestamptz(last_modified));
  const auto done = co_await db.execute(statement, query_timeout);
  if (!done) co_return done.error();
  co_return pg::result<void>{};
}

asio::awaitable<pg::result<std::vector<fate>>> settle(pg::connection& db,
                                                      std::span<const claim> claims) {
  pg::statement statement{};
  statement.name = "settle what became of the files";
  statement.sql = settle_sql;
  add_claims(statement, claims);
  statement.result_types = {oid::int8, oid::int8, oid::text};
  const auto rows = co_await db.query(statement, query_timeout);
  if (!rows) co_return rows.error();
  std::vector<fate> fates(claims.size(), fate::lost);
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto at = std::ranges::find(claims, claim_at(*rows, row));
    if (at == claims.end()) continue;
    fates[static_cast<std::size_t>(at - claims.begin())] = fate_of(rows->get<std::string>(row, 2));
  }
  co_return fates;
}

}  // namespace ingestor::ledger
