#include "normalise/json_value.hpp"

#include "base/ascii.hpp"
#include "normalise/decimal.hpp"
#include "normalise/json_string.hpp"

#include <algorithm>
#include <array>

namespace ingestor::normalise {
namespace {

struct named_level {
  std::string_view name;
  std::int16_t value;
};

constexpr std::array levels{
    named_level{"trace", 10}, named_level{"debug", 20},    named_level{"info", 30},
    named_level{"warn", 40},  named_level{"warning", 40},  named_level{"error", 50},
    named_level{"fatal", 60}, named_level{"critical", 60},
};

/// `name` is in lower case; only ASCII letters have a case here.
bool equals_in_any_case(std::string_view text, std::string_view name) {
  return std::equal(text.begin(), text.end(), name.begin(), name.end(),
                    [](char a, char b) { return ascii_lower(a) == b; });
}

}  // namespace

std::optional<double> double_of(std::string_view json) {
  if (!is_number(json)) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(json.data(), json.data() + json.size(), value);
  if (read.ec == std::errc{}) return value;
  // Out of range, at one end or at the other: too small a number has no whole part.
  const auto number = decimal::parse(json);
  if (number.scaled(0) != 0U) return std::nullopt;
  return number.negative ? -0.0 : 0.0;
}

std::optional<bool> boolean_of(std::string_view json) {
  if (json == "true") return true;
  if (json == "false") return false;
  return std::nullopt;
}

std::optional<database_time> time_of(std::string_view json, std::string& scratch) {
  if (is_number(json)) return time_from_milliseconds(json);
  if (is_string(json)) return time_from_rfc3339(text_of(json, scratch));
  return std::nullopt;
}

std::optional<std::int16_t> level_of(std::string_view json, std::string& scratch) {
  if (!is_string(json)) return integer_of<std::int16_t>(json);
  const auto text = text_of(json, scratch);
  for (const auto& each : levels) {
    if (equals_in_any_case(text, each.name)) return each.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> string_of(std::string_view json, std::string& scratch) {
  if (!is_string(json)) return std::nullopt;
  return text_of(json, scratch);
}

}  // namespace ingestor::normalise
