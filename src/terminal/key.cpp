#include "terminal/key.hpp"

#include <cstddef>

namespace ingestor::terminal {
namespace {

constexpr char32_t escape_character = 0x1b;

key named(const key& one) {
  if (one.name != key_name::character) return one;
  switch (one.character) {
    case '\r':
    case '\n':
      return {key_name::enter};
    case '\t':
      return {key_name::tab};
    case '\f':
      return {key_name::redraw};
    case '\b':
    case 0x7f:
      return {key_name::backspace};
    default:
      break;
  }
  const bool control = one.character < 0x20 || (one.character >= 0x7f && one.character < 0xa0);
  return control ? key{} : one;
}

bool is_character(const key& one, char32_t least, char32_t most) {
  return one.name == key_name::character && one.character >= least && one.character <= most;
}

/// How much of the text behind an escape character belongs to it. ECMA-48, section 5.4: `[`, then
/// parameters, and a final character; SS3 is `O` and one more.
std::size_t sequence_length(std::span<const key> rest) {
  if (rest.empty() || rest[0].name != key_name::character) return 0;
  if (rest[0].character == 'O') return rest.size() < 2 ? 1 : 2;
  if (rest[0].character != '[') return 1;
  std::size_t length = 1;
  while (length < rest.size() && is_character(rest[length], 0x20, 0x3f)) ++length;
  if (length < rest.size() && is_character(rest[length], 0x40, 0x7e)) ++length;
  return length;
}

}  // namespace

std::vector<key> keys_of(std::span<const key> arrived) {
  std::vector<key> out;
  while (!arrived.empty()) {
    const auto first = arrived.front();
    arrived = arrived.subspan(1);
    if (!is_character(first, escape_character, escape_character)) {
      out.push_back(named(first));
      continue;
    }
    const auto length = sequence_length(arrived);
    out.push_back({length == 0 ? key_name::escape : key_name::other});
    arrived = arrived.subspan(length);
  }
  return out;
}

}  // namespace ingestor::terminal
