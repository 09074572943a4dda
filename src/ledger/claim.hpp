// Claims: taking files from the queue, keeping them, giving them back.
//
// A claim is a row of the ledger in `processing` with a token that grows each time the row is
// claimed. Whoever holds the newest token holds the file; every write names its token, so a replica
// that was paused past its lease writes nothing. Time is the database's.
#pragma once

#include "base/time.hpp"
#include "ledger/scope.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ingestor::ledger {

/// Names one claim of one file.
struct claim {
  std::int64_t id = 0;
  std::int64_t token = 0;

  friend bool operator==(const claim&, const claim&) = default;
};

struct claimed_file {
  claim held;
  std::string key;
  std::string etag;
  std::int64_t size = 0;
  timestamp last_modified;
  /// File failures so far.
  std::int32_t attempts = 0;
};

struct claim_terms {
  std::string replica;
  /// Tells this process from all others, whatever names they were given; drawn at its start.
  std::int64_t session = 0;
  std::chrono::milliseconds lease{};
  /// Files in one group at most.
  std::int64_t files_max = 1;
  /// Stored bytes up to which a file is small, and joins a group.
  std::int64_t small_file_bytes_max = 0;
  /// Stored bytes of one group at most.
  std::int64_t group_bytes_max = 0;
};

/// Takes the first pending files of the queue: one large one, or one whose reader went silent
/// before, or a group of small ones; empty when there is nothing to take. The statement commits by
/// itself.
boost::asio::awaitable<pg::result<std::vector<claimed_file>>> take(pg::connection& db,
                                                                   const scope& where,
                                                                   const claim_terms& terms);

/// Extends the lease of every claim in one statement. Returns those that are lost: nothing may be
/// written for them any more.
boost::asio::awaitable<pg::result<std::vector<claim>>> keep(pg::connection& db,
                                                            std::span<const claim> claims,
                                                            std::chrono::milliseconds lease);

/// Where in the queue a file goes that is given back.
enum class place {
  /// Where it was: nothing speaks against trying it again at once.
  kept,
  /// Behind all others: it could not be read, and must not hold them up.
  last
};

/// processing → pending, without using up an attempt. Claims that were lost are left alone.
/// Returns how many went back.
boost::asio::awaitable<pg::result<std::uint64_t>> give_back(pg::connection& db,
                                                            std::span<const claim> claims,
                                                            place where);

/// processing → pending for what `session` has claimed but does not know of, because the answer to
/// take() never came: all but `known`. Returns how many went back.
boost::asio::awaitable<pg::result<std::uint64_t>> give_back_unknown(pg::connection& db,
                                                                    std::int64_t session,
                                                                    std::span<const claim> known);

/// The object is another one than was listed: records what it is now and gives it back.
boost::asio::awaitable<pg::result<void>> give_back_changed(pg::connection& db, claim held,
                                                           const std::string& etag,
                                                           std::int64_t size,
                                                           timestamp last_modified);

enum class fate {
  /// Still processing under our token: what was sent did not commit.
  held,
  /// What was sent did commit.
  completed,
  failed,
  /// Another replica has it, or it went back to the queue.
  lost
};

/// What became of claims after a commit whose reply never came; in the order of `claims`.
boost::asio::awaitable<pg::result<std::vector<fate>>> find_fate(pg::connection& db,
                                                                std::span<const claim> claims);

}  // namespace ingestor::ledger
