#include "normalise/json_repair.hpp"

#include <cstdint>
#include <optional>

namespace ingestor::normalise {
namespace {

constexpr std::size_t escape_bytes = 6;  // \uXXXX
constexpr std::string_view replacement = "\\ufffd";

std::optional<unsigned> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
  return std::nullopt;
}

/// The code unit of the \uXXXX that begins at `at`, if one does.
std::optional<unsigned> code_unit(std::string_view line, std::size_t at) {
  if (line.size() - at < escape_bytes || line[at] != '\\' || line[at + 1] != 'u') {
    return std::nullopt;
  }
  unsigned unit = 0;
  for (std::size_t i = at + 2; i < at + escape_bytes; ++i) {
    const auto digit = hex_digit(line[i]);
    if (!digit) return std::nullopt;
    unit = unit * 16 + *digit;
  }
  return unit;
}

bool is_high_surrogate(unsigned unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}
bool is_low_surrogate(unsigned unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

struct escape {
  std::size_t bytes;
  bool refused;
};

/// The escape at `at`, where a backslash is.
escape look_at(std::string_view line, std::size_t at) {
  const auto unit = code_unit(line, at);
  if (!unit) return {2, false};
  if (is_high_surrogate(*unit)) {
    const auto second = code_unit(line, at + escape_bytes);
    if (second && is_low_surrogate(*second)) return {2 * escape_bytes, false};
  }
  return {escape_bytes, *unit == 0 || is_high_surrogate(*unit) || is_low_surrogate(*unit)};
}

}  // namespace

bool repair_escapes(std::string_view line, std::string& scratch) {
  bool repaired = false;
  auto at = line.find('\\');
  while (at != std::string_view::npos) {
    const auto found = look_at(line, at);
    if (found.refused) {
      if (!repaired) scratch.assign(line);
      repaired = true;
      scratch.replace(at, escape_bytes, replacement);
    }
    const auto next = at + found.bytes;
    at = next < line.size() ? line.find('\\', next) : std::string_view::npos;
  }
  return repaired;
}

}  // namespace ingestor::normalise
