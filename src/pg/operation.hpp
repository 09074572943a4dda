// The frame around every operation of a connection.
#pragma once

#include "pg/connection.hpp"
#include "pg/deadline.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ingestor::pg {

/// Marks the connection busy and sets the deadline. Unless it is settled, its end closes the
/// connection: so it is when the coroutine is cancelled or destroyed in the middle.
class connection::operation {
 public:
  operation(connection& on, std::string_view name, duration timeout);
  ~operation();
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  /// Why it cannot begin.
  const std::optional<error>& refusal() const { return refusal_; }

  /// The protocol is where it should be; the connection is free for `next`. Idle it is because the
  /// server has said so.
  void settle(use next = use::idle);

  /// What to tell instead of `failure`, given what is known here: the deadline, the statement, the
  /// server.
  error explain(error failure) const;

 private:
  connection& on_;
  std::string name_;
  std::optional<error> refusal_;
  deadline limit_;
  std::uint64_t cancels_before_;
  bool settled_ = false;
};

}  // namespace ingestor::pg
