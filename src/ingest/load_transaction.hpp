// The writing half of the pipeline: rows, rejected lines and the files' outcome in one transaction.
//
// The transaction begins with the first COPY. Each COPY is a whole command of one full buffer, so
// none is ever open while S3 is waited for. The outcome and COMMIT leave in one write: no replica
// can stop between them with a ledger row locked.
#pragma once

#include "base/result.hpp"
#include "ingest/care.hpp"
#include "ingest/failure.hpp"
#include "ingest/staging.hpp"
#include "ledger/opening.hpp"
#include "ledger/outcome.hpp"
#include "pg/savepoint.hpp"
#include "pg/transaction.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ingestor::ingest {

struct transaction_terms {
  std::string replica;
  /// Of this process; see ledger::claim_terms.
  std::int64_t session = 0;
  ledger::retry_terms retry;
  std::chrono::milliseconds lease{};
};

struct copied {
  std::uint64_t rows = 0;
  std::size_t bytes = 0;
  std::chrono::steady_clock::duration took{};
};

class load_transaction {
 public:
  /// Both must outlive this.
  load_transaction(pg::connection& db, const transaction_terms& terms);

  /// For a file that is loaded by itself: what an earlier version of it left goes first. With care
  /// a deferred constraint speaks in COPY, where its row can be found, and not in COMMIT.
  load_transaction(pg::connection& db, const transaction_terms& terms,
                   const ledger::claimed_file& file, care how);

  /// Sends what is staged and clears it. After a failure only roll_back() may follow.
  boost::asio::awaitable<result<copied, failure>> copy(staging& from);

  // Parts of copy(), for the quarantine.

  /// One COPY each; nothing where there are no rows. They leave the buffer as it is, but finished.
  boost::asio::awaitable<result<void, failure>> send_rows(pg::wire::copy_buffer& rows);
  boost::asio::awaitable<result<void, failure>> send_rejects(pg::wire::copy_buffer& rejects);

  /// Keeps what was sent, and makes this the place that go_back() undoes everything behind. After
  /// go_back() the transaction can be used again, whatever had failed in it.
  boost::asio::awaitable<result<void, failure>> set_savepoint();
  boost::asio::awaitable<result<void, failure>> go_back();

  enum class ending {
    committed,
    /// Nothing was committed.
    not_committed,
    /// The reply never came: ask the ledger (ledger::settle).
    unknown
  };

  struct verdict {
    ending what = ending::committed;
    /// Why, unless it was committed.
    failure why;
  };

  /// Ends every claim and commits.
  boost::asio::awaitable<verdict> commit(std::span<const ledger::completed_file> completed,
                                         std::span<const ledger::failed_file> failed);

  /// Ends the transaction without a trace, if the connection still can.
  boost::asio::awaitable<void> roll_back();

 private:
  boost::asio::awaitable<result<void, failure>> begin();
  boost::asio::awaitable<result<void, failure>> copy_table(std::string_view table,
                                                           std::string_view name,
                                                           std::string_view sql,
                                                           pg::wire::copy_buffer& rows);

  pg::connection& db_;
  const transaction_terms& terms_;
  std::vector<pg::statement> clearing_;
  care how_ = care::none;
  std::optional<pg::transaction> open_;
  pg::savepoint savepoint_;
};

}  // namespace ingestor::ingest
