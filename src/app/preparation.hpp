// What must be true before a command begins: the schema is there, the bucket answers.
#pragma once

#include "aws/limits.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "pg/connection.hpp"
#include "s3/client.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ingestor::app {

enum class schema_need { migrate, verify };

/// Why a command cannot begin.
struct refusal {
  /// One line: what failed, on what, and what to do.
  std::string text;
  /// `unreachable`; `usage` when the settings cannot work, whatever the servers say.
  int exit_code = 0;
};

/// Migrates, or sees that the schema is there. Returns the versions that were applied. What lasts
/// is told on the log, or below it on a terminal. Both must outlive the operation.
boost::asio::awaitable<result<std::vector<std::int32_t>, refusal>> prepare_schema(
    const config::settings& settings, schema_need need, telemetry::log& log);

/// A connection to a database whose schema is as new as this program needs it. For commands that
/// look at the ledger and never migrate.
boost::asio::awaitable<result<std::unique_ptr<pg::connection>, refusal>> open_ledger(
    const config::settings& settings);

/// Why a schema of this version cannot be used, without what to do about it; empty where it can.
std::string unusable_schema(std::int32_t version);

/// Why a command ends that had begun: `what` could not be done, what the database said, and what to
/// do.
refusal refused(const char* what, const pg::error& error);

/// Asks the bucket for one key that begins with the prefix.
boost::asio::awaitable<result<void, refusal>> check_bucket(s3::client& client, std::string prefix);

/// Who asks, and in which region.
aws::credentials_settings credentials_of(const config::settings& settings);

/// How STS and the other places are asked.
aws::limits credentials_limits(const config::settings& settings);

s3::client_options s3_options(const config::settings& settings);

}  // namespace ingestor::app
