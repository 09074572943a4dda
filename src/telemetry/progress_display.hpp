// Shows on stderr how far a work on many files is.
#pragma once

#include "telemetry/progress.hpp"
#include "telemetry/progress_place.hpp"

namespace ingestor::telemetry {

class progress_display {
 public:
  using time_point = progress_place::time_point;

  /// As progress_place takes them.
  progress_display(log& to, progress_place::width columns);

  /// Call it as often as there is news: it shows no more than the intervals allow.
  void update(const progress& current, time_point now);

  /// Leaves the terminal as it was; so does the destructor.
  void clear() { place_.clear(); }

 private:
  void write_line(const progress& current, const pace& at);

  progress_place place_;
  progress_pace pace_;
};

}  // namespace ingestor::telemetry
