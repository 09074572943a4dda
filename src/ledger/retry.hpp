// Files that somebody asks for again: back into the queue, whatever became of them.
#pragma once

#include "ledger/scope.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

namespace ingestor::ledger {

/// Rows of the ledger that one statement looks at, and at most changes: that takes some tenths of a
/// second, and it holds no lock for longer.
inline constexpr std::int64_t retry_rows_max = 5'000;

struct retry_wish {
  /// Of regular_expression_of().
  std::string keys_like;
  /// Completed files too, whose rows a later load replaces.
  bool completed_too = false;
};

/// What one statement found and did among retry_rows_max rows.
struct retried_page {
  /// failed → pending.
  std::int64_t failed = 0;
  /// completed → pending.
  std::int64_t completed = 0;
  /// Wanted, but being processed, or locked by somebody: left alone.
  std::int64_t busy = 0;
  /// Where the next page begins.
  std::int64_t last_id = 0;
  bool at_the_end = false;
};

/// Returns wanted files to the queue as new ones, their attempts unused: those among the next rows
/// of the ledger after `after_id` (0: from the start). A row is met once, however often it fails
/// meanwhile. What a completed file's row says of its rows in `log` stays, as they do, until new
/// ones replace them. What is loaded is the object as it is then. The statement commits by itself.
boost::asio::awaitable<pg::result<retried_page>> retry_page(pg::connection& db, const scope& where,
                                                            const retry_wish& wish,
                                                            std::int64_t after_id);

}  // namespace ingestor::ledger
