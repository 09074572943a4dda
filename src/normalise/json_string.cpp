#include "normalise/json_string.hpp"

#include "normalise/json_scan.hpp"

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

/// The letter behind the backslash, for what has an escape of two bytes; else 0.
char short_escape(char special) {
  switch (special) {
    case '"':
    case '\\':
      return special;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

/// Cuts `text` at what must be escaped: calls plain(run) and special(character) in order.
template <class Plain, class Special>
void take_apart(std::string_view text, Plain plain, Special special) {
  while (!text.empty()) {
    const auto run = plain_length(text.data(), text.data() + text.size());
    plain(text.substr(0, run));
    if (run == text.size()) return;
    special(text[run]);
    text.remove_prefix(run + 1);
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

std::size_t quoted_bytes(std::string_view text) {
  std::size_t bytes = 2;
  take_apart(
      text, [&](std::string_view run) { bytes += run.size(); },
      [&](char special) { bytes += short_escape(special) != 0 ? 2U : 6U; });
  return bytes;
}

void quote(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.clear();
  out.reserve(quoted_bytes(text));
  out += '"';
  take_apart(
      text, [&](std::string_view run) { out += run; },
      [&](char special) {
        const auto code = static_cast<unsigned char>(special);
        if (const char letter = short_escape(special); letter != 0) {
          out.append({'\\', letter});
        } else {
          out.append("\\u00").append({digits[code >> 4], digits[code & 0xf]});
        }
      });
  out += '"';
}

}  // namespace ingestor::normalise
