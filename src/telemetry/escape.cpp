#include "telemetry/escape.hpp"

#include "base/secret.hpp"
#include "base/utf8.hpp"

namespace ingestor::telemetry {
namespace {

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

/// Marks that change the order in which what follows is shown: an ending, or all of a line, could
/// look like another.
bool reorders(char32_t c) {
  return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

/// Four digits are enough: everything that is escaped so is below U+10000.
void append_escape(std::string& out, char32_t c) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += digits[(c >> shift) & 15U];
}

void append_control(std::string& out, char32_t c) {
  switch (c) {
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      append_escape(out, c);
  }
}

std::string_view html_entity(char32_t c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

/// What is the first character of `text`, made safe.
void append_safe(std::string& out, std::string_view text, const utf8_step& first) {
  if (!first.well_formed) {
    out += replacement_character;
  } else if (is_control(first.character) || reorders(first.character)) {
    append_control(out, first.character);
  } else {
    out += text.substr(0, first.bytes);
  }
}

}  // namespace

void append_quoted(std::string& out, std::string_view given, std::size_t bytes_max) {
  std::string room;
  const auto text = without_secrets(given, room);
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    const auto first = first_character(rest);
    if (at + first.bytes > bytes_max) {
      out += "…";
      break;
    }
    if (first.character == '"' || first.character == '\\') out += '\\';
    append_safe(out, rest, first);
    at += first.bytes;
  }
  out += '"';
}

void append_printable(std::string& out, std::string_view given) {
  std::string room;
  auto text = without_secrets(given, room);
  while (!text.empty()) {
    const auto first = first_character(text);
    append_safe(out, text, first);
    text.remove_prefix(first.bytes);
  }
}

void append_html(std::string& out, std::string_view given) {
  std::string room;
  auto text = without_secrets(given, room);
  while (!text.empty()) {
    const auto [bytes, character, well_formed, cut] = first_character(text);
    const bool space = character == '\n' || character == '\t';
    if (!well_formed || (is_control(character) && !space)) {
      out += replacement_character;
    } else if (const auto entity = html_entity(character); !entity.empty()) {
      out += entity;
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
}

std::string html(std::string_view text) {
  std::string out;
  append_html(out, text);
  return out;
}

}  // namespace ingestor::telemetry
