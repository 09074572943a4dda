// How many files, sockets and the like this process has open.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace ingestor::pg {

inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                       std::filesystem::directory_iterator{});
}

}  // namespace ingestor::pg
