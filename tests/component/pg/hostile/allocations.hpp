// What the program takes from operator new.
#pragma once

#include <cstddef>

namespace ingestor::pg {

/// From its construction on. In a build with AddressSanitizer, which has an operator new of its
/// own, nothing is counted and everything is 0.
class allocations {
 public:
  allocations();

  /// The most that was held at a time, beyond what was held at the beginning.
  std::size_t peak_bytes() const;
  /// The largest that was taken at once.
  std::size_t largest_bytes() const;

 private:
  std::size_t held_before_;
};

}  // namespace ingestor::pg
