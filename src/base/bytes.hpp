// Views of raw bytes, and the step between them and text. Views own nothing.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace ingestor {

using const_bytes = std::span<const std::byte>;
using mutable_bytes = std::span<std::byte>;

inline const_bytes as_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

inline std::string_view as_text(const_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace ingestor
