// A JSON number taken apart, for arithmetic on its digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ingestor::normalise {

/// (-) integer.fraction * 10^exponent; the views are into the number.
struct decimal {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
  int exponent = 0;

  /// `number` is a valid JSON number within the parser's limits.
  static decimal parse(std::string_view number);

  /// The whole part of the magnitude times 10^shift, further digits cut; nothing where that is
  /// beyond 64 bits.
  std::optional<std::uint64_t> scaled(int shift) const;
};

}  // namespace ingestor::normalise
