// Shows on stderr how far a migration is, and what it waits for.
#pragma once

#include "telemetry/progress_place.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ingestor::telemetry {

struct migration_progress {
  /// Of `steps`; 0 is what comes before the first.
  std::int32_t step = 0;
  std::int32_t steps = 0;
  std::string name;
  /// Of the step; of the wait, where it waits.
  double seconds = 0;

  enum class wait { none, lock, another_migration };
  wait waits = wait::none;
  /// Who holds what it waits for, for people; may be empty.
  std::string held_by;

  /// Of the lock that it waits for, or of the index that is built.
  std::string table;
  /// Of an index that is built, and how much of it is done, 0 to 1.
  std::string phase;
  std::optional<double> share;
};

/// At most `columns` wide, all ASCII, without a line end.
std::string migration_bar(const migration_progress& now, std::size_t columns);

class migration_display {
 public:
  using time_point = progress_place::time_point;

  /// As progress_place takes them.
  migration_display(log& to, progress_place::width columns);

  /// Call it as often as there is news: it shows no more than the intervals allow.
  void update(const migration_progress& current, time_point now);

  /// Leaves the terminal as it was; so does the destructor.
  void clear() { place_.clear(); }

 private:
  void write_line(const migration_progress& current);

  progress_place place_;
};

}  // namespace ingestor::telemetry
