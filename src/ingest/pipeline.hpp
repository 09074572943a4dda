// What the fetchers, the discovery and the heartbeats share.
#pragma once

#include "config/settings.hpp"
#include "ingest/async_mutex.hpp"
#include "ingest/claim_keeper.hpp"
#include "ingest/loader.hpp"
#include "ingest/tally.hpp"
#include "ingest/trouble.hpp"
#include "ingest/work_signal.hpp"
#include "ledger/scope.hpp"
#include "pg/pool.hpp"
#include "s3/client.hpp"
#include "telemetry/recorder.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace ingestor::ingest {

/// The outside world as the pipeline uses it; everything outlives the pipeline.
struct resources {
  const config::settings& settings;
  s3::client& s3;
  /// Connections that carry rows: one for each fetcher.
  pg::pool& rows;
  /// Connections for everything short: discovery, giving back.
  pg::pool& control;
  /// One connection that heartbeats share with nobody.
  pg::pool& heartbeats;
  telemetry::recorder& telemetry;
};

struct pipeline final : load_observer {
  pipeline(const boost::asio::any_io_executor& on, const resources& with);

  void on_opening(const ledger::claimed_file& file, care how) override;
  void on_read(std::uint64_t bytes) override;
  void on_copied(const copied& done) override;

  /// A connection of `from`; or why there is none, which is then trouble with the database. Ends
  /// when the service stops.
  boost::asio::awaitable<pg::result<pg::lease>> acquire(pg::pool& from);

  bool may_have_claimed_unheard() const {
    return std::chrono::steady_clock::now() < unheard_claims_until;
  }

  /// What a failure to list or to load says about S3.
  void blame_s3(use tried, const failure& why);

  /// The queue is empty and nobody is loading, so nothing can say whether loads work again.
  void nothing_to_load();

  /// Until trouble's next try is due, or the service stops.
  boost::asio::awaitable<void> wait_out(const trouble& with) const;
  /// For so long, or until the service stops.
  boost::asio::awaitable<void> rest(std::chrono::steady_clock::duration time) const;

  /// No more claims; what is under way is finished.
  void stop();

  boost::asio::any_io_executor executor;
  const config::settings& settings;
  s3::client& s3;
  pg::pool& rows;
  pg::pool& control;
  telemetry::recorder& telemetry;

  ledger::scope scope;
  ledger::claim_terms claiming_terms;
  transaction_terms writing_terms;
  decoder_terms decoding_terms;

  trouble s3_trouble;
  trouble database_trouble;
  claim_keeper keeper;
  tally totals;

  /// Fetchers of one replica claim one after the other, so that each takes a whole group.
  async_mutex claiming;
  ledger::queue_cursor cursor;
  /// Until then files may be ours without our knowing: a claim's answer never came, and the claim
  /// may have been made all the same. A lease later they are nobody's.
  std::chrono::steady_clock::time_point unheard_claims_until;
  work_signal work;
  /// Ends every wait when the service stops.
  mutable work_signal pause;
  /// The buffers of the fetchers, each of which puts its own in and takes it out.
  std::vector<const workshop*> workshops;
  /// Fetchers that hold claims at this moment.
  std::size_t fetchers_busy = 0;
  bool discovery_ended = false;
  bool stopping = false;
};

}  // namespace ingestor::ingest
