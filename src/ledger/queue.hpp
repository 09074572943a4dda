// What enters the queue and what returns to it: discovery, retries, leases that ran out.
#pragma once

#include "base/time.hpp"
#include "ledger/scope.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace ingestor::ledger {

/// An object as a listing shows it.
struct listed_object {
  std::string key;
  std::string etag;
  /// Bytes as stored, before inflating.
  std::int64_t size = 0;
  timestamp last_modified;
};

/// What becomes of a completed file whose object is another one now.
enum class overwritten {
  /// It stays as it is, and the ledger says so.
  ignored,
  /// It goes to the queue; its rows stay until those of the new object replace them.
  replaced
};

struct enqueued {
  /// Keys that were not in the ledger.
  std::uint64_t queued = 0;
  /// Keys that the ledger had under another ETag and that are pending now: the new object is the
  /// one to read, with its attempts started anew.
  std::uint64_t changed = 0;
  /// Keys that are completed under another ETag, and stay so.
  std::uint64_t overwritten = 0;
};

/// Puts a batch of listed objects into the ledger. Any number of replicas may do so at once; what
/// is there already, and the same, is left alone.
boost::asio::awaitable<pg::result<enqueued>> enqueue(pg::connection& db, const scope& where,
                                                     std::span<const listed_object> objects,
                                                     overwritten then);

/// A lease that ran out this many times in a row fails the file: an object that kills its reader
/// must not kill every replica for ever.
inline constexpr std::int64_t lease_expiries_max = 20;

/// Ends the sessions of processes that let a lease run out and have a load under way since before.
/// Their transactions cannot commit any more, but hold locks as long as a server has no other
/// reason to end them: a client that is stopped, or in the middle of a statement that it never
/// finishes, looks alive to TCP. Returns how many it ended; call it before requeue().
boost::asio::awaitable<pg::result<std::int64_t>> end_silent_sessions(pg::connection& db,
                                                                     const scope& where);

struct requeued {
  /// failed → pending: the wait before the next attempt is over.
  std::int64_t retried = 0;
  /// processing → pending: the replica that held it went silent.
  std::int64_t expired = 0;
  /// processing → failed: lease_expiries_max reached.
  std::int64_t given_up = 0;
};

/// Returns due files to the queue, at most `files_max` of each kind a call.
boost::asio::awaitable<pg::result<requeued>> requeue(pg::connection& db, const scope& where,
                                                     std::int64_t files_max);

}  // namespace ingestor::ledger
