// The columns of the table `log`, in the order in which rows are encoded.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace ingestor::normalise {

enum class column : std::size_t {
  id,
  timestamp,
  level,
  method,
  url,
  query,
  headers,
  context,
  message,
  auth_user_id,
  pid,
  hostname,
  remote_address,
  remote_port,
  processing_time_ms,
  cache_hit,
  document_count,
  last_updated,
  params,
  raw_data,
};

/// For the column list of the COPY statement; none of them needs quotes.
inline constexpr std::array<std::string_view, 20> log_columns{
    "id",        "timestamp",      "level",          "method",      "url",
    "query",     "headers",        "context",        "message",     "auth_user_id",
    "pid",       "hostname",       "remote_address", "remote_port", "processing_time_ms",
    "cache_hit", "document_count", "last_updated",   "params",      "raw_data",
};

inline constexpr std::size_t column_count = log_columns.size();

constexpr std::string_view name(column which) {
  return log_columns[static_cast<std::size_t>(which)];
}

}  // namespace ingestor::normalise
