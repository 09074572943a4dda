#include "codec/text_prefix.hpp"

#include "base/utf8.hpp"

namespace ingestor::codec {
namespace {

constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
constexpr std::string_view utf16_little_endian_mark = "\xff\xfe";
constexpr std::string_view utf16_big_endian_mark = "\xfe\xff";

bool begins_object(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r");
  return first != std::string_view::npos && line[first] == '{';
}

bool any_line_begins_object(std::string_view text, bool whole) {
  while (!text.empty()) {
    const auto lf = text.find('\n');
    const auto complete = lf != std::string_view::npos || whole;
    if (complete && begins_object(text.substr(0, lf))) return true;
    if (lf == std::string_view::npos) break;
    text.remove_prefix(lf + 1);
  }
  return false;
}

}  // namespace

result<std::size_t, error> check_text_prefix(std::string_view begin, bool whole) {
  if (begin.starts_with(utf16_little_endian_mark) || begin.starts_with(utf16_big_endian_mark)) {
    return error{error_kind::unsupported,
                 "the text is UTF-16, which is not supported yet: store it as UTF-8"};
  }
  const auto mark = begin.starts_with(utf8_mark) ? utf8_mark.size() : 0;
  const auto prefix = begin.substr(0, text_prefix_bytes);
  whole = whole && prefix.size() == begin.size();
  const auto check = check_utf8(prefix);
  const auto text = check.valid_bytes == prefix.size() || (check.cut && !whole);
  if (!text && !any_line_begins_object(prefix.substr(mark), whole)) {
    const auto* what = prefix[check.valid_bytes] == '\0' ? "a NUL byte" : "invalid UTF-8";
    return error{error_kind::binary, std::string{"binary, neither compressed nor text: "} + what +
                                         " at byte " + std::to_string(check.valid_bytes)};
  }
  return mark;
}

}  // namespace ingestor::codec
