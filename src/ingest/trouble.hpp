// One circuit for each thing that everybody depends on: while S3 or the database is in trouble, all
// fetchers slow down together, and the log says once when it began and once when it ended.
#pragma once

#include "telemetry/events/dependencies.hpp"
#include "telemetry/recorder.hpp"

#include <chrono>
#include <random>
#include <string>

namespace ingestor::ingest {

class trouble {
 public:
  using clock = std::chrono::steady_clock;

  /// Bounds of the wait between two tries; it doubles, with jitter.
  static constexpr std::chrono::milliseconds backoff_min{250};
  static constexpr std::chrono::milliseconds backoff_max = std::chrono::seconds{15};

  trouble(telemetry::dependency what, telemetry::recorder& telemetry);

  void failed(const std::string& error);
  void recovered();

  bool active() const { return active_; }
  /// Zero when there is none.
  clock::duration lasting() const;
  const std::string& error() const { return error_; }

  /// How long until the next try is due; zero when there is no trouble.
  clock::duration wait() const;

 private:
  telemetry::dependency what_;
  telemetry::recorder& telemetry_;
  bool active_ = false;
  std::string error_;
  clock::time_point began_;
  clock::time_point next_try_;
  std::chrono::milliseconds backoff_ = backoff_min;
  std::minstd_rand jitter_{std::random_device{}()};
};

}  // namespace ingestor::ingest
