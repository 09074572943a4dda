#include "config/grammar.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace ingestor::config {
namespace {

template <class T>
std::optional<T> within(std::optional<T> value, T least, T most) {
  if (!value || *value < least || *value > most) return std::nullopt;
  return value;
}

}  // namespace

bool is_ascii_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char left, char right) { return ascii_lower(left) == ascii_lower(right); });
}

std::optional<std::uint64_t> whole_number::parse(std::string_view text) const {
  return within(parse_whole_number(text), least, most);
}

std::string whole_number::accepted() const {
  return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

std::optional<std::chrono::milliseconds> duration::parse(std::string_view text) const {
  return within(parse_duration(text), least, most);
}

std::string duration::accepted() const {
  return "a duration from " + format_duration(least) + " to " + format_duration(most) +
         ", a number with ms, s, m, h or d, such as 30s";
}

std::optional<std::uint64_t> size::parse(std::string_view text) const {
  return within(parse_size(text), least, most);
}

std::string size::accepted() const {
  return "a size from " + format_size(least) + " to " + format_size(most) +
         ", in bytes or with KiB, MiB, GiB or TiB, such as 16MiB";
}

std::optional<std::string> printable::parse(std::string_view text) const {
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
  });
  if (text.empty() || text.size() > bytes_max || !clean) return std::nullopt;
  return std::string{text};
}

std::string printable::accepted() const {
  return "1 to " + std::to_string(bytes_max) + " bytes without control characters";
}

std::optional<std::string> plain_name::parse(std::string_view text) const {
  const char lowest = allowed == blanks::inside ? ' ' : '!';
  const bool clean =
      std::all_of(text.begin(), text.end(), [&](char c) { return c >= lowest && c < '\x7f'; }) &&
      !text.starts_with(' ') && !text.ends_with(' ');
  if (text.empty() || text.size() > bytes_max || !clean) return std::nullopt;
  return std::string{text};
}

std::string plain_name::accepted() const {
  return "1 to " + std::to_string(bytes_max) + " ASCII characters" +
         (allowed == blanks::inside ? ", without spaces at either end" : " without spaces");
}

}  // namespace ingestor::config
