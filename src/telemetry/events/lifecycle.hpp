// The life of the process.
#pragma once

#include <cstdint>
#include <string_view>

namespace ingestor::telemetry {

class log;
class metrics;

struct started {
  std::string_view command;
  std::string_view version;
  std::string_view replica;

  void emit(log& to, metrics& numbers) const;
};

/// "http://0.0.0.0:8080": where the status page and the metrics are.
struct listening {
  std::string_view address;

  void emit(log& to, metrics& numbers) const;
};

struct schema_migrated {
  /// Migrations applied by this process; 0 where the schema was up to date.
  std::uint64_t applied = 0;
  std::int64_t version = 0;
  double seconds = 0;

  void emit(log& to, metrics& numbers) const;
};

/// The event loop came back to a timer so much later than it was due. Everything else here depends
/// on that; a second and more is told.
struct loop_turned {
  double late_seconds = 0;

  void emit(log& to, metrics& numbers) const;
};

struct stopping {
  /// "SIGTERM"
  std::string_view reason;
  double grace_seconds = 0;

  void emit(log& to, metrics& numbers) const;
};

struct stopped {
  /// Of the process.
  double seconds = 0;
  int exit_code = 0;

  void emit(log& to, metrics& numbers) const;
};

}  // namespace ingestor::telemetry
