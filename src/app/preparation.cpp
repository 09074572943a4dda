#include "app/preparation.hpp"

#include "app/exit_code.hpp"
#include "app/migrate_watch.hpp"
#include "aws/cached_credentials.hpp"
#include "aws/provider_chain.hpp"
#include "http/proxy.hpp"
#include "ledger/schema.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto connect_timeout = 15s;

struct known_remedy {
  std::string_view sqlstate;
  std::string_view text;
};

constexpr auto known_remedies = std::to_array<known_remedy>({
    {"25006", "connect to the primary, by target_session_attrs=read-write in DATABASE_URL"},
    {"3D000", "create the database, or correct its name in DATABASE_URL"},
    {"3F000", "create a schema that the role may use, or set the role's search_path"},
    {"42501",
     "grant the role what it lacks, or run `ingestor migrate` as a role that has it and set "
     "INGESTOR_MIGRATE=off"},
    {"42710", "it is not Ingestor's: rename it, or give Ingestor a schema of its own"},
    {"42P07", "it is not Ingestor's: rename it, or give Ingestor a schema of its own"},
    {"53300", "let the server take more connections, or lower INGESTOR_DB_POOL_SIZE"},
});

std::string_view remedy(const pg::error& error) {
  const auto* const known =
      std::ranges::find(known_remedies, error.sqlstate, &known_remedy::sqlstate);
  if (known != known_remedies.end()) return known->text;
  switch (error.category) {
    case pg::error_category::authentication:
      // Without a SQLSTATE it is not the server that refuses, but this side, for what the server
      // is.
      return error.sqlstate.empty()
                 ? "check sslmode, sslrootcert and the password in DATABASE_URL"
                 : "check the user and password in DATABASE_URL (or PGPASSWORD), and pg_hba.conf";
    case pg::error_category::connection:
    case pg::error_category::timeout:
      return "check host, port and sslmode in DATABASE_URL, and that the server runs";
    case pg::error_category::configuration:
      return "correct DATABASE_URL";
    default:
      return "the server's log may say more";
  }
}

asio::awaitable<result<void, refusal>> verify(pg::connection& db, std::string_view remedy) {
  const auto version = co_await ledger::schema_version(db);
  if (!version) co_return refused("cannot read the schema", version.error());
  if (const auto why = unusable_schema(*version); !why.empty()) {
    co_return refusal{why + "; " + std::string{remedy}, exit_code::unreachable};
  }
  co_return result<void, refusal>{};
}

asio::awaitable<pg::result<std::vector<std::int32_t>>> migrate_and_tell(
    pg::connection& db, const config::settings& settings, telemetry::log& log) {
  using namespace asio::experimental::awaitable_operators;
  migrate_watch watch{settings, log};
  const ledger::step_listener begun = [&](const ledger::step_begun& step) { watch.begun(step); };
  auto migrating = ledger::migrate(db, settings.chunk_interval, begun);
  auto watching = watch.run();
  auto first = co_await (std::move(migrating) || std::move(watching));
  co_await watch.close();
  // Only the migration ends by itself.
  co_return std::move(std::get<0>(first));
}

std::optional<http::proxy> http_proxy(const std::optional<config::proxy>& given) {
  if (!given) return std::nullopt;
  return http::proxy{{given->where.tls, given->where.host, given->where.port}, given->user_info};
}

http::proxy_settings http_proxies(const config::proxy_settings& given) {
  return {.for_http = http_proxy(given.http),
          .for_https = http_proxy(given.https),
          .no_proxy = given.no_proxy};
}

}  // namespace

std::string unusable_schema(std::int32_t version) {
  if (version >= ledger::schema_version_wanted()) return {};
  if (version == 0) return "the database has no schema of Ingestor's";
  return "the schema is at version " + std::to_string(version) + ", this program needs " +
         std::to_string(ledger::schema_version_wanted());
}

refusal refused(const char* what, const pg::error& error) {
  const bool unusable =
      error.category == pg::error_category::configuration && error.sqlstate.empty();
  return {std::string{what} + ": " + error.text() + "; " + std::string{remedy(error)},
          unusable ? exit_code::usage : exit_code::unreachable};
}

asio::awaitable<result<std::vector<std::int32_t>, refusal>> prepare_schema(
    const config::settings& settings, schema_need need, telemetry::log& log) {
  auto db = co_await pg::connect(settings.database, connect_timeout);
  if (!db) co_return refused("cannot use the database", db.error());
  if (need == schema_need::verify) {
    const auto verified =
        co_await verify(**db, "run `ingestor migrate`, or leave INGESTOR_MIGRATE on");
    co_await (*db)->close();
    if (!verified) co_return verified.error();
    co_return std::vector<std::int32_t>{};
  }
  auto applied = co_await migrate_and_tell(**db, settings, log);
  co_await (*db)->close();
  if (!applied) co_return refused("cannot migrate the schema", applied.error());
  co_return std::move(*applied);
}

asio::awaitable<result<std::unique_ptr<pg::connection>, refusal>> open_ledger(
    const config::settings& settings) {
  auto db = co_await pg::connect(settings.database, connect_timeout);
  if (!db) co_return refused("cannot use the database", db.error());
  const auto verified = co_await verify(**db, "run `ingestor migrate`");
  if (!verified) {
    co_await (*db)->close();
    co_return verified.error();
  }
  co_return std::move(*db);
}

asio::awaitable<result<void, refusal>> check_bucket(s3::client& client, std::string prefix) {
  const auto checked = co_await client.check_bucket(std::move(prefix));
  if (checked) co_return result<void, refusal>{};
  const auto& error = checked.error();
  const bool unusable = error.kind == s3::error_kind::configuration;
  co_return refusal{"cannot use the bucket: " + error.text() + "; " + error.remedy(),
                    unusable ? exit_code::usage : exit_code::unreachable};
}

aws::credentials_settings credentials_of(const config::settings& settings) {
  auto out = settings.s3.credentials;
  out.region = settings.s3.region;
  out.ca_bundle = settings.s3.ca_bundle;
  out.dual_stack = settings.s3.dual_stack;
  out.fips = settings.s3.fips;
  return out;
}

aws::limits credentials_limits(const config::settings& settings) {
  aws::limits out{};
  out.sts_proxies = http_proxies(settings.s3.proxies);
  return out;
}

s3::client_options s3_options(const config::settings& settings) {
  s3::client_options options{};
  options.bucket = settings.s3.bucket;
  options.region = settings.s3.region;
  if (settings.s3.endpoint) options.endpoint = aws::url_of(*settings.s3.endpoint);
  options.dual_stack = settings.s3.dual_stack;
  options.fips = settings.s3.fips;
  options.requester_pays = settings.s3.requester_pays;
  options.creds = aws::cached_credentials(
      aws::provider_chain(credentials_of(settings), credentials_limits(settings)));
  options.ca_bundle = settings.s3.ca_bundle;
  options.proxies = http_proxies(settings.s3.proxies);
  // One body for each fetch of a group, a listing, and a probe.
  options.connections_max = settings.db_pool_size * 4 + 2;
  return options;
}

}  // namespace ingestor::app
