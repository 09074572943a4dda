// Whether a request to cancel may still hit a statement that it was not meant for.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ingestor::pg::fsm {

/// A server takes note of a request to cancel before it closes the connection that brought it, and
/// forgets it once it reads the next command: whatever it answers to what was sent after that, no
/// earlier request can hit what follows. A request that nobody saw the server take note of may
/// arrive at any time. Source: PostgreSQL documentation, "Canceling Requests in Progress".
class late_cancel {
 public:
  enum class risk {
    none,
    until_answered,  ///< until a round trip that begins now has ended
    for_ever,
  };

  risk current() const {
    if (sent_ != taken_) return risk::for_ever;
    return taken_ == settled_ ? risk::none : risk::until_answered;
  }

  void sent() { ++sent_; }
  void taken() { ++taken_; }

  /// What a round trip that begins now settles by ending in ReadyForQuery.
  std::uint64_t mark() const { return taken_; }
  void answered(std::uint64_t mark) { settled_ = std::max(settled_, mark); }

 private:
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t settled_ = 0;
};

}  // namespace ingestor::pg::fsm
