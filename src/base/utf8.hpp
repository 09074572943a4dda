// UTF-8, and what of it PostgreSQL's text can hold: all but the zero byte.
// Sources: RFC 3629, section 4; The Unicode Standard, table 3-7 (well-formed byte sequences), and
// section 3.9 on how many bytes one replacement character stands for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor {

inline constexpr std::string_view replacement_character = "\xef\xbf\xbd";

struct utf8_step {
  /// Of the character, or of what one replacement character stands for; 1–4.
  std::size_t bytes;
  /// Valid only where `well_formed`.
  char32_t character;
  /// Overlong forms, surrogates and code points above U+10FFFF are not.
  bool well_formed;
  /// Not well-formed, but the proper beginning of a character that the end of the text cuts off.
  bool cut;
};

/// The first character of a text that is not empty.
utf8_step first_character(std::string_view text);

struct utf8_check {
  /// Length of the longest beginning of the text that is well-formed and without NUL: the text's
  /// size when all of it is.
  std::size_t valid_bytes;
  /// What follows is cut off by the end of the text, and nothing else is wrong with it.
  bool cut;
};

utf8_check check_utf8(std::string_view text);

/// `text` with U+FFFD for whatever is malformed or NUL, cut before `bytes_max` on a character's
/// edge.
std::string storable_text(std::string_view text, std::size_t bytes_max);

}  // namespace ingestor
