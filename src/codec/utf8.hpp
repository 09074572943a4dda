// UTF-8 as PostgreSQL checks it: no overlong forms, no surrogates, nothing above U+10FFFF, and no
// NUL, which no PostgreSQL text can hold. Source: RFC 3629, section 4.
#pragma once

#include <cstddef>
#include <string_view>

namespace ingestor::codec {

struct utf8_check {
  /// Length of the longest beginning of the text that is good.
  std::size_t valid_bytes;
  /// What follows is the proper beginning of a sequence that the end of the text cuts off.
  bool cut;
};

utf8_check check_utf8(std::string_view text);

}  // namespace ingestor::codec
