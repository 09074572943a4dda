// The configuration as the program uses it: typed, complete and within bounds. Whoever holds a
// `settings` need not check it again.
#pragma once

#include "aws/proto/credentials_settings.hpp"
#include "aws/proto/endpoint.hpp"
#include "base/secret.hpp"
#include "config/listen_address.hpp"
#include "config/logging.hpp"
#include "pg/fsm/connection_options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ingestor::config {

/// What becomes of a completed object that changed in the bucket.
enum class overwrite { ignore, replace };

/// A server that passes requests on.
struct proxy {
  aws::endpoint where;
  /// `user:password`, decoded; empty: none.
  secret user_info;
};

struct proxy_settings {
  std::optional<proxy> https;
  std::optional<proxy> http;
  /// As given.
  std::string no_proxy;
};

struct s3_settings {
  std::string bucket;
  std::string region;
  /// Keys begin with it; empty: the whole bucket.
  std::string prefix;
  /// A server other than AWS; nullopt: AWS, in `region`.
  std::optional<aws::endpoint> endpoint;
  /// AWS's endpoints that IPv6 reaches too, and those with validated cryptography; neither goes
  /// with an `endpoint`.
  bool dual_stack = false;
  bool fips = false;
  /// Whoever reads the bucket pays for it.
  bool requester_pays = false;
  /// Who asks. Its region, CA bundle and switches are those of here, set by whoever uses it.
  aws::credentials_settings credentials;
  /// A file of PEM certificates to trust instead of the system's; empty: the system's.
  std::string ca_bundle;
  proxy_settings proxies;
};

struct settings {
  /// Left as constructed unless it was asked for; see load().
  pg::connection_options database;
  /// Likewise.
  s3_settings s3;

  /// Connections that carry rows, and fetchers; 1–100.
  std::size_t db_pool_size{};
  /// Files queued or claimed together; 1–1000.
  std::size_t batch_size{};
  /// Between two listings; 100 ms–7 d.
  std::chrono::milliseconds poll_interval{};
  /// How long a silent replica keeps its files; 1 s–1 d.
  std::chrono::milliseconds lease{};
  /// File failures after which a file stays failed; 1–1000.
  int max_attempts{};
  /// The first wait before failed → pending, doubled each time; 0–1 h.
  std::chrono::milliseconds retry_backoff{};
  /// Without the line's end; 1 byte–256 MiB.
  std::uint64_t line_bytes_max{};
  /// Inflated; 0: no limit.
  std::uint64_t object_bytes_max{};
  /// A file fails when rejected / all lines is above it; 0–1.
  double reject_share_max{};
  overwrite on_overwrite{};
  /// nullopt: no HTTP.
  std::optional<listen_address> http_listen;
  /// To finish or roll back after SIGTERM; 0–1 h.
  std::chrono::milliseconds shutdown_grace{};
  /// TimescaleDB's chunk size; 1 m–3650 d.
  std::chrono::milliseconds chunk_interval{};
  /// TimescaleDB's policies; nullopt: none; 1 h–36500 d.
  std::optional<std::chrono::milliseconds> retention;
  std::optional<std::chrono::milliseconds> compress_after;
  /// Names this process in the ledger; 1–128 ASCII characters.
  std::string replica;
  /// Whether `run` and `once` migrate the schema first.
  bool migrate{};

  log_level level{};
  log_format format{};
};

}  // namespace ingestor::config
