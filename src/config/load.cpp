#include "config/load.hpp"

#include "config/credentials.hpp"
#include "config/database.hpp"
#include "config/grammar.hpp"
#include "config/reader.hpp"

namespace ingestor::config {
namespace {

using namespace std::chrono_literals;

constexpr auto day = std::chrono::milliseconds{24h};

void take_ingestion(reader& from, settings& into) {
  from.take(into.db_pool_size, "INGESTOR_DB_POOL_SIZE", whole_number{1, 100});
  from.take(into.batch_size, "INGESTOR_BATCH_SIZE", whole_number{1, 1000});
  from.take(into.poll_interval, "INGESTOR_POLL_INTERVAL", duration{100ms, 7 * day});
  from.take(into.lease, "INGESTOR_LEASE", duration{1s, day});
  from.take(into.max_attempts, "INGESTOR_MAX_ATTEMPTS", whole_number{1, 1000});
  // The wait doubles up to an hour, so it cannot begin above that.
  from.take(into.retry_backoff, "INGESTOR_RETRY_BACKOFF", duration{0ms, 1h});
  // A jsonb string ends at 2^28 - 1 bytes: a longer line could not be a row anyway.
  from.take(into.line_bytes_max, "INGESTOR_MAX_LINE", size{1, 256U << 20U});
  from.take(into.object_bytes_max, "INGESTOR_MAX_OBJECT", size{0, 1ULL << 50U});
  from.take(into.reject_share_max, "INGESTOR_REJECT_LIMIT", share{});
  from.take(into.on_overwrite, "INGESTOR_ON_OVERWRITE",
            choice<overwrite>{{{"ignore", overwrite::ignore}, {"replace", overwrite::replace}}});
  from.take(into.s3.requester_pays, "INGESTOR_REQUESTER_PAYS",
            choice<bool>{{{"on", true}, {"off", false}}});
}

void take_service(reader& from, settings& into) {
  from.take(into.http_listen, "INGESTOR_HTTP_LISTEN", or_off<listener>{});
  from.take(into.shutdown_grace, "INGESTOR_SHUTDOWN_GRACE", duration{0ms, 1h});
  from.take(into.chunk_interval, "INGESTOR_CHUNK_INTERVAL", duration{1min, 3650 * day});
  const or_off<duration> policy{{1h, 36500 * day}};
  from.take(into.retention, "INGESTOR_RETENTION", policy);
  from.take(into.compress_after, "INGESTOR_COMPRESS_AFTER", policy);
  from.take(into.replica, "INGESTOR_REPLICA", plain_name{128, blanks::inside});
  from.take(into.migrate, "INGESTOR_MIGRATE", choice<bool>{{{"on", true}, {"off", false}}});
}

void take_logging(reader& from, settings& into) {
  from.take(into.level, "LOG_LEVEL",
            choice<log_level>{{{"error", log_level::error},
                               {"warn", log_level::warn},
                               {"log", log_level::info},
                               {"info", log_level::info},
                               {"debug", log_level::debug},
                               {"verbose", log_level::trace},
                               {"trace", log_level::trace}}});
  // NODE_ENV belongs to the world of the applications whose logs these are, which give it many
  // values; only `production` says anything here.
  const auto stage = from.get("NODE_ENV");
  const bool production = stage && same_word(*stage, "production");
  into.format = production ? log_format::json : log_format::readable;
}

/// What CloudTrail shows of this process. Source: AWS Security Token Service API Reference,
/// "AssumeRole": 2 to 64 letters, digits and _+=,.@-
std::string session_name_of(std::string_view replica) {
  constexpr std::size_t bytes_max = 64;
  constexpr std::string_view others = "_+=,.@-";
  std::string out = "ingestor-";
  for (const char c : replica.substr(0, bytes_max - out.size())) {
    const bool fits = is_ascii_alnum(c) || others.find(c) != std::string_view::npos;
    out.push_back(fits ? c : '-');
  }
  return out;
}

}  // namespace

result<settings, std::vector<mistake>> load(const environment& from, const host_facts& host,
                                            needs what) {
  reader variables{from};
  settings out;
  out.replica = default_replica(host);
  if (what.database) take_database(variables, host, out.database);
  take_s3(variables, out.s3, what.s3);
  if (what.s3 == s3_need::everything) take_credentials(variables, host, out.s3.credentials);
  take_ingestion(variables, out);
  take_service(variables, out);
  take_logging(variables, out);
  out.s3.credentials.default_session_name = session_name_of(out.replica);
  if (!variables.clean()) return std::move(variables).mistakes();
  return out;
}

std::string default_replica(const host_facts& host) {
  return host.hostname + '-' + std::to_string(host.pid);
}

}  // namespace ingestor::config
