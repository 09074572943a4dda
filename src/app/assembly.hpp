// The object graph of `run` and `once`: built here, in order of dependency, and nowhere else.
#pragma once

#include "config/settings.hpp"
#include "ingest/service.hpp"
#include "pg/pool.hpp"
#include "s3/client.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/recorder.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace ingestor::app {

/// `settings` must outlive it, and so must the loop that the executor belongs to.
class assembly {
 public:
  assembly(const boost::asio::any_io_executor& executor, const config::settings& settings);

  telemetry::log log;
  telemetry::metrics metrics;
  telemetry::recorder recorder;
  s3::client s3;
  pg::key_deriver keys;
  pg::pool rows;
  pg::pool control;
  pg::pool heartbeats;
  ingest::service service;

  /// Closes the pools: every session says goodbye to its server.
  boost::asio::awaitable<void> close();
};

}  // namespace ingestor::app
