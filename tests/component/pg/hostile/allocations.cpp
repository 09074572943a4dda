#include "allocations.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

std::atomic<std::size_t> held{0};
std::atomic<std::size_t> most_held{0};
std::atomic<std::size_t> largest{0};

}  // namespace

#ifndef __SANITIZE_ADDRESS__

static void raise(std::atomic<std::size_t>& to, std::size_t value) {
  auto seen = to.load();
  while (seen < value && !to.compare_exchange_weak(seen, value)) {
  }
}

void* operator new(std::size_t bytes) {
  void* const taken = std::malloc(bytes);
  if (taken == nullptr) throw std::bad_alloc{};
  const auto usable = malloc_usable_size(taken);
  raise(largest, bytes);
  raise(most_held, held += usable);
  return taken;
}

void operator delete(void* taken) noexcept {
  held -= malloc_usable_size(taken);
  std::free(taken);
}

void operator delete(void* taken, std::size_t) noexcept {
  operator delete(taken);
}

#endif

namespace ingestor::pg {

allocations::allocations() : held_before_{held} {
  most_held = held_before_;
  largest = 0;
}

std::size_t allocations::peak_bytes() const {
  return std::max(most_held.load(), held_before_) - held_before_;
}

std::size_t allocations::largest_bytes() const {
  return largest;
}

}  // namespace ingestor::pg
