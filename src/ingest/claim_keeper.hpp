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
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
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
  /// Of the file with this key; 0: it is not held.
  std::int64_t id_of(std::string_view key) const;
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
  struct held_file {
    ledger::claim held;
    std::string key;
  };

  pg::pool& connections_;
  std::chrono::milliseconds lease_;
  telemetry::recorder& telemetry_;
  trouble& database_;
  /// By file id.
  std::map<std::int64_t, held_file> claims_;
  std::map<std::string, std::int64_t, std::less<>> ids_;
  work_signal lost_;
};

}  // namespace ingestor::ingest
