// S3 and the database: what was asked of them, and when they are in trouble.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ingestor::telemetry {

class log;
class metrics;

struct s3_request {
  /// 0 and empty where no file is asked for.
  std::int64_t id = 0;
  std::string_view key = {};
  /// S3's name: GetObject.
  std::string_view operation;
  /// The HTTP status, or the kind of failure where there was no answer.
  std::string_view code;
  /// Up to the head of the answer.
  double seconds = 0;

  void emit(log& to, metrics& numbers) const;
};

/// S3 asked to slow down; requests wait before they are repeated.
struct s3_throttled {
  std::string_view operation;
  std::int64_t id = 0;
  std::string_view key = {};

  void emit(log& to, metrics& numbers) const;
};

/// A body broke off, and goes on from there.
struct s3_resumed {
  std::int64_t id = 0;
  std::string_view key = {};
  /// As stored.
  std::uint64_t from_byte = 0;

  void emit(log& to, metrics& numbers) const;
};

/// A setting or this machine's clock is wrong, and requests are made as if it were right.
struct s3_corrected {
  std::string_view what;

  void emit(log& to, metrics& numbers) const;
};

struct copy_finished {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;

  void emit(log& to, metrics& numbers) const;
};

struct pool_waited {
  double seconds = 0;

  void emit(log& to, metrics& numbers) const;
};

/// A gauge: told whenever a figure has changed.
struct pool_changed {
  std::uint64_t idle = 0;
  std::uint64_t busy = 0;
  std::uint64_t connecting = 0;

  void emit(log& to, metrics& numbers) const;
};

/// Likewise.
struct buffers_changed {
  std::uint64_t bytes = 0;

  void emit(log& to, metrics& numbers) const;
};

/// The database does not take what this replica says of itself; nothing but what others see of it
/// depends on that. Told once.
struct report_refused {
  std::string_view error;

  void emit(log& to, metrics& numbers) const;
};

enum class dependency { s3, database };

std::string_view name_of(dependency which);

/// Until trouble_ended, each further try waits. Told once, not at each try.
struct trouble_began {
  dependency what{};
  std::string_view error;

  void emit(log& to, metrics& numbers) const;
};

/// It goes on, and says something that it has not said since it began. Told once for each such
/// error, and no more than errors_told_max times in one trouble.
struct trouble_changed {
  dependency what{};
  std::string_view error;

  void emit(log& to, metrics& numbers) const;
};

inline constexpr std::size_t errors_told_max = 8;

struct trouble_ended {
  dependency what{};
  double seconds = 0;
  /// Tries that failed, all that have been told among them.
  std::uint64_t failures = 0;

  void emit(log& to, metrics& numbers) const;
};

}  // namespace ingestor::telemetry
