// Bytes as lower-case hexadecimal digits.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ingestor {

inline std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 0xfU]);
  }
  return out;
}

}  // namespace ingestor
