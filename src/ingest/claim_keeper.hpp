// Heartbeats: keeps the leases of everything this replica is working on.
#pragma once

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
  claim_keeper(pg::pool& control, std::chrono::milliseconds lease, telemetry::recorder& telemetry);

  void add(std::span<const ledger::claimed_file> files);
  /// Before the claim's end is sent: what is committed needs no lease.
  void remove(ledger::claim held);

  std::vector<ledger::claim> held() const;

  /// One statement for all claims, well inside the lease, until cancelled. A claim that is no
  /// longer ours is dropped and reported; its transaction is stopped by its token.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<void> beat();

  pg::pool& control_;
  std::chrono::milliseconds lease_;
  telemetry::recorder& telemetry_;
  /// By file id.
  std::map<std::int64_t, ledger::claimed_file> claims_;
};

}  // namespace ingestor::ingest
