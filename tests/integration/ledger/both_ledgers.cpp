#include "both_ledgers.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <ratio>

namespace ingestor::ledger::model {
namespace {

constexpr std::string_view pass_sql = R"sql(
update processed_file
   set queued_at = queued_at - $1 * interval '10 minutes',
       lease_expires_at = lease_expires_at - $1 * interval '10 minutes',
       next_attempt_at = next_attempt_at - $1 * interval '10 minutes')sql";

constexpr std::string_view land_sql = R"sql(
insert into log (id, timestamp, message, raw_data)
select (substr(d, 1, 8) || '-' || substr(d, 9, 4) || '-8' || substr(d, 13, 3) || '-8000-000000000001')::uuid,
       $2, $3, '{}'
  from (select lpad(to_hex($1::bigint), 15, '0') as d) as digits)sql";

std::string minutes_left(const std::optional<instant>& until, instant now) {
  if (!until) return "-";
  return std::to_string(
      std::llround(std::chrono::duration<double, std::ratio<60>>{*until - now}.count()));
}

}  // namespace

const std::string_view shown_sql = R"sql(
select coalesce(string_agg(format('%s %s %s %s attempts %s expiries %s token %s session %s lease %s next %s other %s landed %s',
         s3_key, etag, size, status, attempts, lease_expiries, claim_token, coalesce(lease_session, 0),
         coalesce(round(extract(epoch from lease_expires_at - now()) / 60)::text, '-'),
         coalesce(round(extract(epoch from next_attempt_at - now()) / 60)::text, '-'),
         coalesce(overwritten_etag, '-'), first_timestamp is not null), E'\n' order by queued_at, id), '')
       || coalesce((select string_agg(E'\nrows of ' || ingestor_file(id) || ' ' || message, '' order by id) from log), '')
  from processed_file)sql";

std::string shown(const table& ledger) {
  std::vector<const row*> files;
  for (const auto& file : ledger.rows()) files.push_back(&file);
  std::ranges::stable_sort(files, {}, &row::queued_at);
  std::string text;
  for (const auto* file : files) {
    if (!text.empty()) text += '\n';
    text += file->key + ' ' + file->etag + ' ' + std::to_string(file->size) + ' ' +
            std::string{name(file->state)} + " attempts " + std::to_string(file->attempts) +
            " expiries " + std::to_string(file->lease_expiries) + " token " +
            std::to_string(file->token) + " session " + std::to_string(file->session) + " lease " +
            minutes_left(file->lease_expires_at, ledger.now()) + " next " +
            minutes_left(file->next_attempt_at, ledger.now()) + " other " +
            (file->overwritten_etag.empty() ? "-" : file->overwritten_etag) + " landed " +
            (file->has_landed ? "t" : "f");
  }
  auto log = ledger.log();
  std::ranges::sort(log, {}, &landed::file);
  for (const auto& rows : log) {
    text += "\nrows of " + std::to_string(rows.file) + ' ' + rows.etag;
  }
  return text;
}

std::string shown(const std::vector<claimed_file>& files) {
  std::string text;
  for (const auto& file : files) {
    text += file.key + ' ' + file.etag + ' ' + std::to_string(file.held.id) + ' ' +
            std::to_string(file.held.token) + ' ' + std::to_string(file.size) + ' ' +
            std::to_string(file.attempts) + (file.landed_before ? " landed" : "") + '\n';
  }
  return text;
}

pg::statement pass_statement(std::int64_t times) {
  pg::statement move{};
  move.name = "move the clock";
  move.sql = pass_sql;
  move.parameters.push_back(pg::wire::float8(static_cast<double>(times)));
  return move;
}

pg::statement land_statement(const claimed_file& file) {
  pg::statement insert{};
  insert.name = "land";
  insert.sql = land_sql;
  insert.parameters.push_back(pg::wire::int8(file.held.id));
  insert.parameters.push_back(pg::wire::timestamptz(row_time));
  insert.parameters.push_back(pg::wire::text(file.etag));
  return insert;
}

}  // namespace ingestor::ledger::model
