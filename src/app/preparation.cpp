#include "app/preparation.hpp"

#include "ledger/schema.hpp"
#include "pg/connection.hpp"

#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto connect_timeout = 15s;

std::string remedy(const pg::error& error) {
  switch (error.category) {
    case pg::error_category::authentication:
      return "; check the user and password in DATABASE_URL (or PGPASSWORD), and pg_hba.conf";
    case pg::error_category::connection:
    case pg::error_category::timeout:
      return "; check host, port and sslmode in DATABASE_URL, and that the server runs";
    default:
      return "";
  }
}

std::string told(const char* what, const pg::error& error) {
  return std::string{what} + ": " + error.text() + remedy(error);
}

asio::awaitable<result<std::vector<std::int32_t>, std::string>> verify(pg::connection& db) {
  const auto version = co_await ledger::schema_version(db);
  if (!version) co_return told("cannot read the schema", version.error());
  if (*version < ledger::schema_version_wanted()) {
    co_return "the schema is at version " + std::to_string(*version) + ", this program needs " +
        std::to_string(ledger::schema_version_wanted()) +
        "; run `ingestor migrate`, or leave INGESTOR_MIGRATE on";
  }
  co_return std::vector<std::int32_t>{};
}

}  // namespace

asio::awaitable<result<std::vector<std::int32_t>, std::string>> prepare_schema(
    const config::settings& settings, schema_need need) {
  auto db = co_await pg::connection::connect(settings.database, connect_timeout);
  if (!db) co_return told("cannot use the database", db.error());
  if (need == schema_need::verify) {
    auto verified = co_await verify(**db);
    co_await (*db)->close();
    co_return verified;
  }
  auto applied = co_await ledger::migrate(**db, settings.chunk_interval);
  co_await (*db)->close();
  if (!applied) co_return told("cannot migrate the schema", applied.error());
  co_return std::move(*applied);
}

asio::awaitable<result<void, std::string>> check_bucket(s3::client& client) {
  const auto checked = co_await client.check_bucket();
  if (checked) co_return result<void, std::string>{};
  const auto remedy = checked.error().remedy();
  co_return "cannot use the bucket: " + checked.error().text() +
      (remedy.empty() ? "" : "; " + remedy);
}

s3::client_options s3_options(const config::settings& settings) {
  s3::client_options options{};
  options.bucket = settings.s3.bucket;
  options.region = settings.s3.region;
  if (settings.s3.endpoint) options.endpoint = s3::proto::url_of(*settings.s3.endpoint);
  options.creds.access_key_id = settings.s3.access_key_id;
  options.creds.secret_access_key = settings.s3.secret_access_key;
  options.creds.session_token = settings.s3.session_token;
  options.ca_bundle = settings.s3.ca_bundle;
  // One body for each fetch of a group, a listing, and a probe.
  options.connections_max = settings.db_pool_size * 4 + 2;
  return options;
}

}  // namespace ingestor::app
