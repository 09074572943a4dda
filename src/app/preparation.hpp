// What must be true before a command begins: the schema is there, the bucket answers.
#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"
#include "s3/client.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ingestor::app {

enum class schema_need { migrate, verify };

/// Migrates, or sees that the schema is there. Returns the versions that were applied; the error is
/// one line that says what failed, on what, and what to do.
boost::asio::awaitable<result<std::vector<std::int32_t>, std::string>> prepare_schema(
    const config::settings& settings, schema_need need);

/// Asks the bucket for one key. The error is one line as above.
boost::asio::awaitable<result<void, std::string>> check_bucket(s3::client& client);

s3::client_options s3_options(const config::settings& settings);

}  // namespace ingestor::app
