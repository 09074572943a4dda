// Where in the queue a process begins to look for pending files.
//
// What has left the queue stays in its index until no transaction can see it any more: for as long
// as a large file is being loaded, that is all that was claimed since that load began. Claims that
// began at the front would step over it, one after the other, and cost the more the longer it
// lasts.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <compare>
#include <cstdint>

namespace ingestor::ledger {

/// The front by default.
struct queue_position {
  timestamp queued_at;
  std::int64_t id = 0;

  friend auto operator<=>(const queue_position&, const queue_position&) = default;
};

class queue_cursor {
 public:
  using clock = std::chrono::steady_clock;

  /// Files may return to a place that has been passed. They wait no longer than this, and not at
  /// all when there is nothing behind it.
  static constexpr std::chrono::seconds front_interval{5};

  /// Where the next claim begins. When it finds nothing there, it is to begin at the front.
  queue_position next(clock::time_point now) const {
    return now < front_due_ ? first_ : queue_position{};
  }

  /// A claim that began at `from` took files, the first of them at `first`.
  void claimed(queue_position from, queue_position first, clock::time_point now) {
    if (from == queue_position{}) front_due_ = now + front_interval;
    first_ = first;
  }

 private:
  queue_position first_;
  clock::time_point front_due_{};
};

}  // namespace ingestor::ledger
