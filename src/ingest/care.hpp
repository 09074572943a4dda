// How a load goes about rows that the database may refuse.
#pragma once

namespace ingestor::ingest {

enum class care {
  /// The first refusal ends the load, and nothing is kept to find its row by: the fast way, which
  /// nearly every load goes.
  none,
  /// Every line is kept until its row has landed, and a row that is refused becomes a rejected
  /// line (quarantine.hpp).
  each_row
};

}  // namespace ingestor::ingest
