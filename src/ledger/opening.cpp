#include "ledger/opening.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace ingestor::ledger {
namespace {

using namespace std::chrono_literals;

// Less than this would end those that only wait for S3.
constexpr std::chrono::milliseconds idle_timeout_min = 30s;

// A client that the server cannot reach is given up after keepalive_idle and three times
// keepalive_interval; the same holds for what has been sent and is not acknowledged.
constexpr auto keepalive_idle = 15s;
constexpr auto keepalive_interval = 5s;
constexpr int keepalive_count = 3;

constexpr std::string_view bound_sql = R"sql(
select set_config('idle_in_transaction_session_timeout', $1, true),
       set_config('tcp_keepalives_idle', $2, true),
       set_config('tcp_keepalives_interval', $3, true),
       set_config('tcp_keepalives_count', $4, true),
       set_config('tcp_user_timeout', $5, true))sql";

constexpr std::string_view mark_sql = "select pg_advisory_xact_lock_shared($1)";

constexpr std::string_view remove_rows_sql =
    "delete from log where timestamp between $1 and $2 and ingestor_file(id) = $3";

constexpr std::string_view remove_rejects_sql = "delete from rejected_line where file_id = $1";

template <class Duration>
std::string number(Duration time) {
  return std::to_string(time.count());
}

pg::statement bound_statement(std::chrono::milliseconds lease) {
  pg::statement statement{};
  statement.name = "bound the time of a silent client";
  statement.sql = bound_sql;
  const std::chrono::milliseconds unreachable =
      keepalive_idle + keepalive_count * keepalive_interval;
  statement.parameters.push_back(pg::wire::text(number(std::max(idle_timeout_min, lease))));
  statement.parameters.push_back(pg::wire::text(number(keepalive_idle)));
  statement.parameters.push_back(pg::wire::text(number(keepalive_interval)));
  statement.parameters.push_back(pg::wire::text(std::to_string(keepalive_count)));
  statement.parameters.push_back(pg::wire::text(number(unreachable)));
  return statement;
}

pg::statement about(std::string_view name, std::string_view sql, std::int64_t value) {
  pg::statement statement{};
  statement.name = name;
  statement.sql = sql;
  statement.parameters.push_back(pg::wire::int8(value));
  return statement;
}

pg::statement remove_rows_statement(std::int64_t id, const time_range& rows) {
  pg::statement statement{};
  statement.name = "remove the rows of an earlier version";
  statement.sql = remove_rows_sql;
  statement.parameters.push_back(pg::wire::timestamptz(rows.first));
  statement.parameters.push_back(pg::wire::timestamptz(rows.last));
  statement.parameters.push_back(pg::wire::int8(id));
  return statement;
}

}  // namespace

std::vector<pg::statement> opening_statements(std::int64_t session,
                                              std::chrono::milliseconds lease) {
  std::vector<pg::statement> statements;
  statements.push_back(bound_statement(lease));
  statements.push_back(about("mark the session", mark_sql, session));
  return statements;
}

std::vector<pg::statement> clearing_statements(const claimed_file& file) {
  std::vector<pg::statement> statements;
  if (file.earlier_rows) {
    statements.push_back(remove_rows_statement(file.held.id, *file.earlier_rows));
  }
  if (file.landed_before) {
    statements.push_back(
        about("remove the rejected lines of an earlier version", remove_rejects_sql, file.held.id));
  }
  return statements;
}

}  // namespace ingestor::ledger
