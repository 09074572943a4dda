// One circuit for each thing that everybody depends on: while S3 or the database is in trouble, all
// fetchers slow down together, and the log says once when it began, each other error once, and
// when it ended.
#pragma once

#include "telemetry/events/dependencies.hpp"
#include "telemetry/recorder.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ingestor::ingest {

/// What was tried. A success ends trouble with the same and with reaching it, no other: a database
/// that answers may still refuse the rows, and a bucket that can be listed its objects.
enum class use {
  /// A connection, a probe.
  reach,
  /// A listing; a statement about the ledger.
  ask,
  /// An object's body; rows and their commit.
  load
};

class trouble {
 public:
  using clock = std::chrono::steady_clock;

  /// Bounds of the wait between two tries; it doubles, with jitter. Trouble that is back before the
  /// next wait would have been over goes on with that: a large file that is refused among small
  /// ones that are not is not tried at full speed.
  static constexpr std::chrono::milliseconds backoff_min{250};
  static constexpr std::chrono::milliseconds backoff_max = std::chrono::seconds{8};
  /// The same where S3's client slows all requests down by itself: waits here would only make the
  /// return to full speed late.
  static constexpr std::chrono::milliseconds throttled_backoff_max = std::chrono::seconds{1};

  trouble(telemetry::dependency what, telemetry::recorder& telemetry);

  void failed(use tried, const std::string& error, clock::time_point now = clock::now()) {
    failed(tried, error, backoff_max, now);
  }
  void throttled(use tried, const std::string& error, clock::time_point now = clock::now()) {
    failed(tried, error, throttled_backoff_max, now);
  }
  void recovered(use tried, clock::time_point now = clock::now());

  bool active() const { return failing_ != std::array<bool, 3>{}; }
  /// Zero when there is none.
  clock::duration lasting(clock::time_point now = clock::now()) const;
  /// The same, and all that has ended.
  clock::duration in_all(clock::time_point now = clock::now()) const;
  const std::string& error() const { return error_; }

  /// How long until the next try is due; zero when there is no trouble.
  clock::duration wait(clock::time_point now = clock::now()) const;

 private:
  void failed(use tried, const std::string& error, std::chrono::milliseconds wait_max,
              clock::time_point now);
  void tell_once(const std::string& error);
  bool& failing(use tried) { return failing_[static_cast<std::size_t>(tried)]; }

  telemetry::dependency what_;
  telemetry::recorder& telemetry_;
  std::array<bool, 3> failing_{};
  std::string error_;
  /// Since it began; no more than telemetry::errors_told_max.
  std::vector<std::string> told_;
  std::uint64_t failures_ = 0;
  clock::time_point began_;
  clock::duration ended_{};
  clock::time_point next_try_;
  clock::time_point relapses_until_;
  std::chrono::milliseconds backoff_ = backoff_min;
  std::minstd_rand jitter_{std::random_device{}()};
};

}  // namespace ingestor::ingest
