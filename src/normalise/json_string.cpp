#include "normalise/json_string.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace ingestor::normalise {
namespace {

constexpr std::uint32_t high_surrogates = 0xd800;
constexpr std::uint32_t low_surrogates = 0xdc00;
constexpr std::uint32_t supplementary = 0x10000;

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + 4, value, 16);
  return value;
}

char utf8_byte(std::uint32_t bits) {
  return static_cast<char>(static_cast<unsigned char>(bits));
}

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += utf8_byte(code);
    return;
  }
  if (code < 0x800) {
    out += utf8_byte(0xc0 | code >> 6);
  } else if (code < supplementary) {
    out += utf8_byte(0xe0 | code >> 12);
    out += utf8_byte(0x80 | (code >> 6 & 0x3f));
  } else {
    out += utf8_byte(0xf0 | code >> 18);
    out += utf8_byte(0x80 | (code >> 12 & 0x3f));
    out += utf8_byte(0x80 | (code >> 6 & 0x3f));
  }
  out += utf8_byte(0x80 | (code & 0x3f));
}

/// Takes the \uXXXX, or the pair of them, at the front of `rest`.
void unescape_unicode(std::string_view& rest, std::string& out) {
  auto code = hex4(rest.substr(2));
  rest.remove_prefix(6);
  if (code >= high_surrogates && code < low_surrogates) {
    code = supplementary + ((code - high_surrogates) << 10) + hex4(rest.substr(2)) - low_surrogates;
    rest.remove_prefix(6);
  }
  append_utf8(code, out);
}

char unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;  // the quote, the backslash, the slash
  }
}

}  // namespace

std::string_view text_of(std::string_view json, std::string& scratch) {
  auto rest = json.substr(1, json.size() - 2);
  auto escape = rest.find('\\');
  if (escape == std::string_view::npos) return rest;
  scratch.clear();
  for (; escape != std::string_view::npos; escape = rest.find('\\')) {
    scratch.append(rest.substr(0, escape));
    rest.remove_prefix(escape);
    if (rest[1] == 'u') {
      unescape_unicode(rest, scratch);
    } else {
      scratch += unescaped(rest[1]);
      rest.remove_prefix(2);
    }
  }
  scratch.append(rest);
  return scratch;
}

void quote(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.assign(1, '"');
  for (const char each : text) {
    const auto code = static_cast<unsigned char>(each);
    if (code < 0x20) {
      out.append("\\u00").append({digits[code >> 4], digits[code & 0xf]});
    } else {
      if (each == '"' || each == '\\') out += '\\';
      out += each;
    }
  }
  out += '"';
}

}  // namespace ingestor::normalise
