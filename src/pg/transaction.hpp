// A transaction that cannot be left open by accident.
#pragma once

#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <span>

namespace ingestor::pg {

/// Between begin() and the end of commit() or rollback() the connection, which must outlive it,
/// has this transaction open. One that is dropped before closes the connection, which makes the
/// server roll back.
///
/// It is read committed and read write, whatever the server's defaults are: under repeatable read
/// two sessions that write the same row make one of them fail, and whoever waits for a lock sees
/// what was there before.
class transaction {
 public:
  using duration = connection::duration;

  /// `first` goes out behind BEGIN in the same write. After an error nothing is open.
  static boost::asio::awaitable<result<transaction>> begin(connection& on, duration timeout,
                                                           std::span<const statement> first = {});

  connection& operator*() const { return *on_; }
  connection* operator->() const { return on_.get(); }

  /// `last` goes out before COMMIT in the same write, so nothing can stop between the two. After an
  /// error with the connection still usable() nothing was committed and the transaction is over.
  /// With the connection closed nobody knows: read back what was written. The error's `statement`
  /// names the one that failed, "commit" for COMMIT itself.
  boost::asio::awaitable<result<void>> commit(duration timeout,
                                              std::span<const statement> last = {});

  /// Ends the transaction without a trace and keeps the connection, if that still can.
  boost::asio::awaitable<result<void>> rollback(duration timeout);

 private:
  struct closer {
    void operator()(connection* open) const;
  };

  explicit transaction(connection& on) : on_{&on} {}

  /// Not owned: what this does at its end is to close a transaction that is still open.
  std::unique_ptr<connection, closer> on_;
};

}  // namespace ingestor::pg
