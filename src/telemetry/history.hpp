// The last hour of this process, for the charts of the status page.
#pragma once

#include "base/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace ingestor::telemetry {

/// What happened in one `interval` of the history.
struct history_sample {
  /// Its end.
  timestamp at;
  /// Committed.
  double rows_per_second = 0;
  /// Read from S3, as stored.
  double bytes_per_second = 0;
  /// From last-modified to commit, the mean of the files committed; nullopt: none were.
  std::optional<double> commit_lag_seconds;
  /// Files that waited; nullopt: the ledger could not be read.
  std::optional<double> pending_files;
};

/// The latest samples, the oldest of them first. No allocation.
class history {
 public:
  static constexpr std::chrono::seconds interval{10};
  static constexpr std::size_t samples_max = std::chrono::hours{1} / interval;

  void add(const history_sample& sample);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// 0 is the oldest.
  const history_sample& operator[](std::size_t i) const {
    return samples_[(begin_ + i) % samples_max];
  }

 private:
  std::array<history_sample, samples_max> samples_{};
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ingestor::telemetry
