// Time limits that hold whatever the peer does.
#pragma once

#include "pg/transport.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace ingestor::pg {

/// Closes a transport when the time is up, which ends whatever it is doing. Destroyed in time, it
/// does nothing.
class deadline {
 public:
  deadline(transport& target, std::chrono::steady_clock::time_point at);
  ~deadline();
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;

  bool passed() const { return state_->passed; }

 private:
  /// Shared with the timer's handler, which may be on its way when the deadline is destroyed.
  struct state {
    transport* target = nullptr;
    bool passed = false;
  };

  std::shared_ptr<state> state_;
  boost::asio::steady_timer timer_;
};

}  // namespace ingestor::pg
