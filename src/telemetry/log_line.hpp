// A log line as a value, and its two forms.
//
//   readable: 2026-01-01T12:00:00.000Z INFO  file completed id=12 key="a.gz" rows=100
//   JSON:     {"time":1767268800000,"level":30,"pid":1,"hostname":"h","replica":"r",
//              "msg":"file completed","id":12,"key":"a.gz",…}
//
// The numbers of the levels and the unit of `time` are pino's, so that what reads the logs that
// Ingestor loads can read those that it writes.
#pragma once

#include "config/logging.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace ingestor::telemetry {

using config::log_format;
using config::log_level;

/// Views: they need live no longer than the call that they are passed to. Names are identifiers of
/// our own, never one that a line has anyway: `time`, `level`, `pid`, `hostname`, `replica`, `msg`.
struct field {
  std::string_view name;
  /// A double that is not finite is written as null.
  std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view> value;
};

struct log_line {
  log_level level;
  /// A constant of ours: it is also the kind by which repeated lines are counted.
  std::string_view message;
  std::span<const field> fields;
};

using log_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Without a line end.
std::string format_readable(const log_line& line, log_time at);
/// `everywhere`: members that all lines of a process have, as common_members() makes them.
std::string format_json(const log_line& line, log_time at, std::string_view everywhere = {});

/// pino's names for the process and its host, so that its readers show them and Ingestor loads them
/// into their columns; and the replica, which the ledger knows.
struct log_origin {
  int pid = 0;
  std::string hostname;
  std::string replica;
};

/// `,"pid":1,"hostname":"h","replica":"r"`
std::string common_members(const log_origin& origin);

}  // namespace ingestor::telemetry
