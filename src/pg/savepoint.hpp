// A place in an open transaction to come back to.
#pragma once

#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::pg {

/// One for a transaction. It ends with its transaction, whose end it does not hinder.
class savepoint {
 public:
  using duration = connection::duration;

  /// The connection must outlive it, and be in a transaction whenever it is used.
  explicit savepoint(connection& on) : on_{on} {}

  /// Keeps what was done since the last time, and makes this the place to come back to.
  boost::asio::awaitable<result<void>> set(duration timeout);

  /// Undoes what was done since set(), and with it the failure of the transaction, if it has
  /// failed since. The place is still there.
  boost::asio::awaitable<result<void>> go_back(duration timeout);

 private:
  connection& on_;
  bool is_set_ = false;
};

}  // namespace ingestor::pg
