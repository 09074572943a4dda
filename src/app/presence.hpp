// This process as all others see it: what it says of itself, in the ledger.
#pragma once

#include "app/assembly.hpp"
#include "app/pulse.hpp"
#include "config/settings.hpp"
#include "telemetry/replica_report.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string_view>

namespace ingestor::app {

class presence {
 public:
  /// All of them outlive it.
  presence(assembly& parts, const config::settings& settings, const pulse& of);

  /// The bucket and the schema are there: from now on it runs.
  void started() { started_up_ = true; }

  telemetry::replica_report report() const;

  /// Reports every few seconds, until cancelled. That it cannot is told, and is nothing worse.
  boost::asio::awaitable<void> keep_reporting();

  /// The last word, if the database works and takes it within a second.
  boost::asio::awaitable<void> leave();

 private:
  std::string_view state() const;
  boost::asio::awaitable<void> report_once();

  assembly& parts_;
  const config::settings& settings_;
  const pulse& pulse_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool started_up_ = false;
  bool refused_ = false;
};

}  // namespace ingestor::app
