// The wall clock, in the unit of the database.
#pragma once

#include "base/time.hpp"

#include <chrono>

namespace ingestor::app {

inline timestamp system_now() {
  return std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
}

}  // namespace ingestor::app
