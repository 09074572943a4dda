#include "normalise/decimal.hpp"

#include <charconv>
#include <cstddef>
#include <limits>

namespace ingestor::normalise {
namespace {

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  const auto digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

}  // namespace

decimal decimal::parse(std::string_view number) {
  decimal out;
  out.negative = number.starts_with('-');
  if (out.negative) number.remove_prefix(1);
  out.integer = take_digits(number);
  if (number.starts_with('.')) {
    number.remove_prefix(1);
    out.fraction = take_digits(number);
  }
  if (!number.empty()) {
    number.remove_prefix(number.substr(1).starts_with('+') ? 2 : 1);
    std::from_chars(number.data(), number.data() + number.size(), out.exponent);
  }
  return out;
}

std::optional<std::uint64_t> decimal::scaled(int shift) const {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  const auto places = static_cast<std::ptrdiff_t>(integer.size()) + exponent + shift;
  std::uint64_t value = 0;
  for (std::ptrdiff_t i = 0; i < places; ++i) {
    const auto at = static_cast<std::size_t>(i);
    char digit = '0';
    if (at < integer.size()) {
      digit = integer[at];
    } else if (at - integer.size() < fraction.size()) {
      digit = fraction[at - integer.size()];
    } else if (value == 0) {
      return 0;
    }
    const auto units = static_cast<unsigned>(digit - '0');
    if (value > (most - units) / 10) return std::nullopt;
    value = value * 10 + units;
  }
  return value;
}

}  // namespace ingestor::normalise
