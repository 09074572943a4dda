// Loads the rows of one file with care: those that the database refuses become rejected lines, in
// the same transaction, and the others land.
//
// Each COPY has a savepoint before it. One that is refused is undone, and its rows are sent again
// by halves (row_search.hpp) until every row has landed or was refused by itself. Only what a row
// is to blame for is treated so; any other error of the server ends the load as it always does.
#pragma once

#include "base/result.hpp"
#include "ingest/load_transaction.hpp"
#include "ingest/object_totals.hpp"
#include "ingest/row_search.hpp"
#include "ingest/staging.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

namespace ingestor::ingest {

class quarantine {
 public:
  /// `transaction` is one with care::each_row; `spare` takes the rows that are sent again, and is
  /// clear between two calls. Both must outlive this.
  quarantine(load_transaction& transaction, std::int64_t file_id, staging& spare);

  /// Sends what is staged, whose lines are kept with it, and clears it. After a failure only
  /// roll_back() may follow; of the kind `rows` it is when a rejected line was refused.
  boost::asio::awaitable<result<copied, failure>> copy(staging& from);

  /// The object's totals, as they are with what the database refused: `counted` are the decoder's.
  object_totals settled(object_totals counted) const;

  std::uint64_t refused() const { return refused_; }
  /// The server's, about the row that it refused last.
  const std::string& last_words() const { return last_words_; }

 private:
  boost::asio::awaitable<result<void, failure>> copy_rows(staging& from);
  boost::asio::awaitable<result<void, failure>> attempt(pg::wire::copy_buffer& rows);
  boost::asio::awaitable<result<void, failure>> undo();
  boost::asio::awaitable<result<void, failure>> reject(std::size_t row, const std::string& words,
                                                       staging& from);
  boost::asio::awaitable<result<void, failure>> copy_rejects(staging& from);
  void count_landed(const staging& from, row_range rows);

  load_transaction& transaction_;
  std::int64_t file_id_;
  staging& spare_;
  /// Nothing was sent since the savepoint was set, or since it was gone back to.
  bool at_savepoint_ = false;
  row_totals landed_;
  std::uint64_t refused_ = 0;
  std::string last_words_;
};

}  // namespace ingestor::ingest
