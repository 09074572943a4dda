// Heartbeats: keeps the leases of everything this replica is working on.
#pragma once

#include "ingest/trouble.hpp"
#include "ledger/claim.hpp"
#include "pg/pool.hpp"
#include "telemetry/recorder.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace ingestor::ingest {

class claim_keeper {
 public:
  /// `control` is a pool that COPY never uses, so that a slow COPY cannot starve a heartbeat. All
  /// arguments must outlive this.
  claim_keeper(pg::pool& control, std::chrono::milliseconds lease, telemetry::recorder& telemetry,
               trouble& database);

  void add(std::span<const ledger::claimed_file> files);
  /// Once it is committed or given back.
  void remove(ledger::claim held);

  std::vector<ledger::claim> held() const;

  /// One statement for all claims, well inside the lease, until cancelled. A claim that is no
  /// longer ours is dropped without a word: either it has just been committed, or its token will
  /// stop its transaction, and that is told then.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<void> beat();

  pg::pool& control_;
  std::chrono::milliseconds lease_;
  telemetry::recorder& telemetry_;
  trouble& database_;
  /// By file id.
  std::map<std::int64_t, ledger::claim> claims_;
};

}  // namespace ingestor::ingest
