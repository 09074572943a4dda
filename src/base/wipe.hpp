// Overwrites memory that held a secret.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ingestor {

/// By volatile writes: those to memory that is about to be freed would otherwise be left out.
inline void wipe(std::span<std::byte> memory) {
  volatile std::byte* const at = memory.data();
  for (std::size_t n = 0; n < memory.size(); ++n) at[n] = std::byte{0};
}

/// With what a text that was shorter before, or was moved from, has left behind its end. Empty
/// afterwards.
inline void wipe(std::string& text) {
  text.resize(text.capacity());
  wipe(std::as_writable_bytes(std::span{text}));
  text.clear();
}

}  // namespace ingestor
