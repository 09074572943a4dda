// Steps through text that may not be UTF-8.
// Source: The Unicode Standard, table 3-7 (well-formed byte sequences), and section 3.9 on how many
// bytes one replacement character stands for.
#pragma once

#include <cstddef>
#include <string_view>

namespace ingestor::telemetry {

struct utf8_step {
  /// Of the character, or of what one replacement character stands for; 1–4.
  std::size_t bytes;
  /// Valid only where `well_formed`.
  char32_t character;
  bool well_formed;
};

inline constexpr std::string_view replacement_character = "\xef\xbf\xbd";

/// The first character of a text that is not empty.
utf8_step first_character(std::string_view text);

}  // namespace ingestor::telemetry
