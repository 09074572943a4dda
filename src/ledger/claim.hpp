// Claims: taking files from the queue, keeping them, giving them back.
//
// A claim is a row of the ledger in `processing` with a token that grows each time the row is
// claimed. Whoever holds the newest token holds the file; every write names its token, so a replica
// that was paused past its lease writes nothing. Time is the database's.
#pragma once

#include "base/time.hpp"
#include "ledger/queue_cursor.hpp"
#include "ledger/scope.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
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

/// The rows that an earlier version of an object has in `log`, by their times.
struct time_range {
  timestamp first;
  timestamp last;
};

struct claimed_file {
  claim held;
  std::string key;
  std::string etag;
  std::int64_t size = 0;
  timestamp last_modified;
  /// Where it was in the queue.
  queue_position place;
  /// File failures so far.
  std::int32_t attempts = 0;
  /// It has been completed before: what it left in `log` (nothing: no rows) and `rejected_line`
  /// goes in the transaction in which it lands again.
  bool landed_before = false;
  std::optional<time_range> earlier_rows;
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

/// Takes the first pending files of the queue that are not before `from`: one that is large, has
/// landed before or whose reader went silent; or a group of the others; empty when there is nothing
/// to take. The statement commits by itself.
boost::asio::awaitable<pg::result<std::vector<claimed_file>>> take(pg::connection& db,
                                                                   const scope& where,
                                                                   const claim_terms& terms,
                                                                   queue_position from);

/// Extends the lease of every claim in one statement. Returns those that are lost: whatever is
/// still on its way for them, the fence stops it. One that has ended under its own token is not
/// lost.
boost::asio::awaitable<pg::result<std::vector<claim>>> keep(
    pg::connection& db, std::span<const claim> claims, std::chrono::milliseconds lease,
    std::chrono::steady_clock::duration timeout);

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
  /// It was still processing under our token and has gone back: what was sent cannot commit any
  /// more.
  returned,
  /// What was sent did commit.
  completed,
  failed,
  /// Another replica has it, or it went back to the queue.
  lost
};

/// What became of claims after a commit whose reply never came; in the order of `claims`. The
/// answer is final: what had not been committed by now goes back, and will not be.
boost::asio::awaitable<pg::result<std::vector<fate>>> settle(pg::connection& db,
                                                             std::span<const claim> claims);

}  // namespace ingestor::ledger
