// What the text of a JSON value says, read as one type or another: nothing where it does not fit.
// Every function takes the text of one valid, repaired JSON value.
#pragma once

#include "normalise/time_text.hpp"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace ingestor::normalise {

/// Not there, or null, which is the same.
inline bool is_absent(std::string_view json) {
  return json.empty() || json.front() == 'n';
}

inline bool is_string(std::string_view json) {
  return json.front() == '"';
}

inline bool is_number(std::string_view json) {
  return json.front() == '-' || (json.front() >= '0' && json.front() <= '9');
}

/// A number without fraction or exponent that is in range.
template <std::signed_integral Integer>
std::optional<Integer> integer_of(std::string_view json) {
  if (!is_number(json)) return std::nullopt;
  Integer value{};
  const auto* end = json.data() + json.size();
  const auto read = std::from_chars(json.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

/// The double nearest to a number; nothing where that would be infinite.
std::optional<double> double_of(std::string_view json);

std::optional<bool> boolean_of(std::string_view json);

/// A number (milliseconds since 1970) or a string (RFC 3339).
std::optional<database_time> time_of(std::string_view json, std::string& scratch);

/// A number, or a name in any case: trace 10, debug 20, info 30, warn and warning 40, error 50,
/// fatal and critical 60.
std::optional<std::int16_t> level_of(std::string_view json, std::string& scratch);

/// A string; the view is into `json` or `scratch`.
std::optional<std::string_view> string_of(std::string_view json, std::string& scratch);

}  // namespace ingestor::normalise
