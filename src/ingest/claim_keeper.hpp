// Heartbeats: keeps the leases of everything this replica is working on.
#pragma once

#include "ingest/trouble.hpp"
#include "ingest/work_signal.hpp"
#include "ledger/claim.hpp"
#include "pg/pool.hpp"
#include "telemetry/recorder.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace ingestor::ingest {

class claim_keeper {
 public:
  /// `connections` is a pool that nothing else uses, so that nothing slow can starve a heartbeat.
  /// All arguments must outlive this.
  claim_keeper(const boost::asio::any_io_executor& executor, pg::pool& connections,
               std::chrono::milliseconds lease, telemetry::recorder& telemetry, trouble& database);

  void add(std::span<const ledger::claimed_file> files);
  /// Once it is committed or given back.
  void remove(ledger::claim held);

  std::vector<ledger::claim> held() const;
  bool holds(ledger::claim held) const;

  /// One statement for all claims, well inside the lease, until cancelled. A claim that is lost is
  /// dropped, and whoever works on it wakes.
  boost::asio::awaitable<void> run();

  /// One heartbeat; afterwards holds() is as true as the database's answer, if there was one.
  boost::asio::awaitable<void> beat();

  /// Until one of `files`, which must outlive the call, is lost: their transaction cannot commit
  /// any more.
  boost::asio::awaitable<void> until_lost(std::span<const ledger::claimed_file> files);

 private:
  pg::pool& connections_;
  std::chrono::milliseconds lease_;
  telemetry::recorder& telemetry_;
  trouble& database_;
  /// By file id.
  std::map<std::int64_t, ledger::claim> claims_;
  work_signal lost_;
};

}  // namespace ingestor::ingest
