// What a fuzz target promises. Broken, it is a crash, in every build.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace ingestor {

inline void require(bool holds, std::source_location at = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: this does not hold\n", at.file_name(), at.line());
  std::abort();
}

}  // namespace ingestor
