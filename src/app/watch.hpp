// The service as seen from outside: HTTP, and the figures behind it.
#pragma once

#include "app/assembly.hpp"
#include "app/presence.hpp"
#include "app/pulse.hpp"
#include "config/settings.hpp"
#include "telemetry/http_endpoints.hpp"
#include "telemetry/snapshot.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace ingestor::app {

/// Everything that is passed in outlives it.
class watch {
 public:
  watch(assembly& parts, const config::settings& settings, pulse& of, const presence& self);

  telemetry::snapshot now() const;

  telemetry::readiness ready() const;

  /// Tells the metrics what nobody else does: figures that change all the time.
  void measure();

  /// For as long as this lives.
  telemetry::endpoint_sources sources();

  /// The schema and the bucket are there: from now on the service is ready.
  void started() { started_up_ = true; }

  /// Reads the ledger's figures every few seconds, until cancelled.
  boost::asio::awaitable<void> keep_reading_ledger();

  /// service::probe_s3 or service::probe_database.
  using probe = boost::asio::awaitable<void> (ingest::service::*)();

  /// Asks now and then, so that readiness follows while there is nothing to do, until cancelled.
  boost::asio::awaitable<void> keep_probing(probe ask);

 private:
  boost::asio::awaitable<bool> read_ledger(bool counting);
  telemetry::run_state state() const;

  assembly& parts_;
  const config::settings& settings_;
  pulse& pulse_;
  const presence& self_;
  bool started_up_ = false;
  std::optional<telemetry::ledger_figures> ledger_;
};

}  // namespace ingestor::app
