#include "app/check_database.hpp"

#include "app/check_step.hpp"
#include "app/exit_code.hpp"
#include "app/preparation.hpp"
#include "ledger/schema.hpp"
#include "pg/connection.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using pg::wire::oid;

// Within a step's time, so that the words of whoever fails are told.
constexpr auto connect_timeout = 15s;
constexpr auto query_timeout = 10s;

finding found_refused(const char* what, const pg::error& error) {
  auto why = refused(what, error);
  const bool unusable = why.exit_code == exit_code::usage;
  return {unusable ? verdict::misconfigured : verdict::failed, std::move(why.text)};
}

asio::awaitable<pg::result<pg::row_set>> ask(pg::connection& db, std::string_view name,
                                             std::string_view sql, std::vector<oid> types) {
  pg::statement statement{};
  statement.name = name;
  statement.sql = sql;
  statement.result_types = std::move(types);
  co_return co_await db.query(statement, query_timeout);
}

constexpr std::string_view session_sql =
    "select current_user::text, current_database()::text,"
    " current_setting('transaction_read_only') = 'on'";

asio::awaitable<finding> log_in(const config::settings& settings,
                                std::unique_ptr<pg::connection>& db) {
  auto connected = co_await pg::connect(settings.database, connect_timeout);
  if (!connected) co_return found_refused("cannot use the database", connected.error());
  std::vector<oid> types{oid::text, oid::text, oid::boolean};
  const auto rows = co_await ask(**connected, "look at the session", session_sql, std::move(types));
  if (!rows) co_return found_refused("cannot use the database", rows.error());
  db = std::move(*connected);
  finding out{};
  out.text = "\"" + rows->get<std::string>(0, 1) + "\" as \"" + rows->get<std::string>(0, 0) +
             "\" at " + std::string{db->server()} + ", PostgreSQL " +
             std::string{db->parameter("server_version")} +
             (db->encrypted() ? ", with TLS" : ", without TLS");
  if (rows->get<bool>(0, 2)) {
    out.how = verdict::failed;
    out.text +=
        ", which is read-only; connect to the primary, by target_session_attrs=read-write in "
        "DATABASE_URL";
  }
  co_return out;
}

// What a role needs that never migrates.
constexpr std::string_view privileges_sql = R"sql(
select coalesce(string_agg(privilege || ' on ' || name, ', '), '')
  from unnest(array['log', 'processed_file', 'rejected_line', 'ingestor_replica']) as name,
       unnest(array['select', 'insert', 'update', 'delete']) as privilege
 where not has_table_privilege(to_regclass(name), privilege))sql";

asio::awaitable<finding> look_at_schema(pg::connection& db) {
  const auto version = co_await ledger::schema_version(db);
  if (!version) co_return found_refused("cannot read the schema", version.error());
  if (auto why = unusable_schema(*version); !why.empty()) {
    co_return finding{verdict::failed, std::move(why) + "; run `ingestor migrate`"};
  }
  std::vector<oid> types{oid::text};
  const auto rows = co_await ask(db, "look at the privileges", privileges_sql, std::move(types));
  if (!rows) co_return found_refused("cannot read the schema", rows.error());
  if (const auto lacking = rows->get<std::string>(0, 0); !lacking.empty()) {
    co_return finding{verdict::failed, "the role may not " + lacking + "; grant it"};
  }
  co_return finding{verdict::ok, "version " + std::to_string(*version)};
}

constexpr std::string_view timescaledb_sql =
    "select default_version, installed_version from pg_available_extensions"
    " where name = 'timescaledb'";

asio::awaitable<finding> look_for_timescaledb(pg::connection& db) {
  std::vector<oid> types{oid::text, oid::text};
  const auto rows = co_await ask(db, "look for TimescaleDB", timescaledb_sql, std::move(types));
  if (!rows) co_return found_refused("cannot look for TimescaleDB", rows.error());
  if (rows->empty()) {
    co_return finding{verdict::note, "the server does not have it: log is a plain table"};
  }
  const auto installed = rows->get<std::optional<std::string>>(0, 1);
  if (installed) co_return finding{verdict::ok, "version " + *installed};
  co_return finding{verdict::note,
                    "the server has version " + rows->get<std::string>(0, 0) +
                        ", this database does not: log is a plain table, unless `create extension "
                        "timescaledb` is run before the first `ingestor migrate`"};
}

}  // namespace

asio::awaitable<void> check_database(const config::settings& settings, check_report& report) {
  std::unique_ptr<pg::connection> db;
  auto login = log_in(settings, db);
  const bool told = co_await tell_in_time(report, "database", std::move(login));
  if (!told) co_return;
  if (!db) {
    report.tell("schema", {verdict::skipped, "there is no session to look with"});
    report.tell("timescaledb", {verdict::skipped, "there is no session to look with"});
    co_return;
  }
  auto schema = look_at_schema(*db);
  const bool told_schema = co_await tell_in_time(report, "schema", std::move(schema));
  if (!told_schema) co_return;
  auto extension = look_for_timescaledb(*db);
  const bool told_all = co_await tell_in_time(report, "timescaledb", std::move(extension));
  if (told_all) co_await db->close();
}

}  // namespace ingestor::app
