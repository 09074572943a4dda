// The running pipeline: started, stopped and joined in order.
#pragma once

#include "ingest/fetcher.hpp"
#include "ingest/pipeline.hpp"
#include "ingest/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ingestor::ingest {

/// `once` waits this long, in all, for S3 or a database that went away in the middle.
inline constexpr std::chrono::minutes trouble_wait_max{5};

class service {
 public:
  service(const boost::asio::any_io_executor& executor, const resources& with);

  /// Discovers, ingests all that can be claimed, ends. Returns why it gave up; empty: it is done,
  /// or was stopped.
  boost::asio::awaitable<std::string> once();

  /// Discovers and ingests until stop().
  boost::asio::awaitable<void> run();

  /// Claims nothing more; what is under way may finish within INGESTOR_SHUTDOWN_GRACE, the rest is
  /// rolled back and given back. once() and run() return after that.
  void stop();

  /// Ask the bucket, or the database, once, within seconds: what it says, or that it says nothing,
  /// begins or ends trouble.
  boost::asio::awaitable<void> probe_s3();
  boost::asio::awaitable<void> probe_database();

  bool stopping() const { return on_.stopping; }
  /// Memory of the pipeline's buffers.
  std::size_t buffer_bytes() const;
  /// What each fetcher does now.
  std::vector<telemetry::fetcher_report> fetchers() const;
  /// That of its claims; see ledger::claim_terms.
  std::int64_t session() const { return on_.claiming_terms.session; }

  const tally& totals() const { return on_.totals; }
  /// Of a file that is in processing here, by its key; 0: none is.
  std::int64_t id_of(std::string_view key) const { return on_.keeper.id_of(key); }
  const trouble& s3_trouble() const { return on_.s3_trouble; }
  const trouble& database_trouble() const { return on_.database_trouble; }

 private:
  void start_fetchers(until when);
  boost::asio::awaitable<void> discover_once();
  boost::asio::awaitable<void> measure_backlog();
  boost::asio::awaitable<void> watch_trouble();
  boost::asio::awaitable<void> enforce_grace();
  boost::asio::awaitable<void> finish();
  boost::asio::awaitable<void> let_go();
  std::chrono::milliseconds give_back_time() const;

  pipeline on_;
  /// Hold claims: joined first.
  task_group workers_;
  /// Serve the workers: cancelled after them.
  task_group helpers_;
  std::string gave_up_;
};

}  // namespace ingestor::ingest
