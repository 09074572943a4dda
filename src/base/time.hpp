// Points in time as the database keeps them: microseconds, UTC.
#pragma once

#include <chrono>

namespace ingestor {

using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

}  // namespace ingestor
