// The service as seen from outside: HTTP, and the figures behind it.
#pragma once

#include "app/assembly.hpp"
#include "config/settings.hpp"
#include "telemetry/snapshot.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace ingestor::app {

/// Everything that is passed in outlives it.
class watch {
 public:
  watch(assembly& parts, const config::settings& settings);

  telemetry::snapshot now() const;

  /// Reads the ledger's figures every few seconds, until cancelled.
  boost::asio::awaitable<void> keep_reading_ledger();

  /// Asks the bucket now and then, so that readiness follows S3 while there is nothing to fetch,
  /// until cancelled.
  boost::asio::awaitable<void> keep_probing_s3();

 private:
  boost::asio::awaitable<void> read_ledger();

  assembly& parts_;
  const config::settings& settings_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::optional<telemetry::ledger_figures> ledger_;
};

}  // namespace ingestor::app
