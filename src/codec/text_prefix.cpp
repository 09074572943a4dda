#include "codec/text_prefix.hpp"

#include "base/utf8.hpp"

#include <string>

namespace ingestor::codec {
namespace {

constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
constexpr std::string_view utf16_little_endian_mark = "\xff\xfe";
constexpr std::string_view utf16_big_endian_mark = "\xfe\xff";

error binary(std::string_view what, std::size_t byte) {
  return {error_kind::binary, std::string{"binary, neither compressed nor text: "}.append(what) +
                                  " at byte " + std::to_string(byte)};
}

}  // namespace

result<text_prefix, error> check_text_prefix(std::string_view begin, bool whole) {
  if (begin.starts_with(utf16_little_endian_mark) || begin.starts_with(utf16_big_endian_mark)) {
    return error{error_kind::unsupported,
                 "the text is UTF-16, which is not supported yet: store it as UTF-8"};
  }
  text_prefix out;
  out.mark_bytes = begin.starts_with(utf8_mark) ? utf8_mark.size() : 0;
  const auto prefix = begin.substr(0, text_prefix_bytes);
  const bool ends_here = whole && prefix.size() == begin.size();
  const auto check = check_utf8(prefix);
  if (check.valid_bytes < prefix.size() && (ends_here || !check.cut)) {
    const bool nul = prefix[check.valid_bytes] == '\0';
    out.not_text = binary(nul ? "a NUL byte" : "invalid UTF-8", check.valid_bytes);
  }
  return out;
}

}  // namespace ingestor::codec
