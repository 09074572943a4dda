// Text from outside (keys, error messages) made safe to write: always valid UTF-8, never a line
// break or a terminal's control sequence, never a secret that is alive (base/secret.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::telemetry {

/// Of one text value in a log line; what is longer is cut there, and ends in an ellipsis. S3 keys
/// have 1,024 bytes at most.
inline constexpr std::size_t logged_text_bytes_max = 2048;

/// Appends a JSON string, quotes included; readable lines use the same form. Escaped beyond what
/// RFC 8259 asks for: DEL and U+0080–U+009F, which terminals obey, the line and paragraph
/// separators U+2028 and U+2029, and marks that change the order of what is shown. What is not
/// UTF-8 becomes U+FFFD.
void append_quoted(std::string& out, std::string_view given,
                   std::size_t bytes_max = logged_text_bytes_max);

/// Appends text for a line that a person reads: as above, but without quotes, whole, and with `"`
/// and `\` as they are.
void append_printable(std::string& out, std::string_view given);

/// Appends text for an HTML element or a quoted attribute. Control characters and what is not UTF-8
/// become U+FFFD.
void append_html(std::string& out, std::string_view given);

std::string html(std::string_view text);

}  // namespace ingestor::telemetry
