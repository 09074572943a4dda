// How fast requests may follow one another: at full speed, until S3 asks to slow down.
//
// S3 throttles a prefix, not a connection, so what one request is told holds for all. Each
// throttled answer doubles the time between the starts of two requests, each success halves it.
// Source: Amazon S3 User Guide, "Best practices design patterns: optimizing Amazon S3 performance"
// (503 Slow Down).
#pragma once

#include <chrono>
#include <optional>

namespace ingestor::s3::proto {

class pace {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The first time between two requests, and below which there is none.
  static constexpr std::chrono::milliseconds spacing_min{20};
  /// The longest: less than a request a second.
  static constexpr std::chrono::milliseconds spacing_max{1'050};
  /// The longest that a Retry-After is heeded.
  static constexpr std::chrono::seconds hold_max{20};

  /// The earliest time for the next request.
  time_point next() const;

  void started(time_point now) { last_ = now; }

  /// S3 has asked to slow down, in answer to a request that was started at `asked`. Requests that
  /// were under way together count once.
  void throttled(time_point asked, time_point now, std::optional<std::chrono::seconds> retry_after);

  /// A request has been answered otherwise.
  void succeeded();

  std::chrono::milliseconds spacing() const { return spacing_; }

 private:
  std::chrono::milliseconds spacing_{0};
  time_point last_ = time_point::min();
  time_point slowed_ = time_point::min();
  time_point held_until_ = time_point::min();
};

}  // namespace ingestor::s3::proto
