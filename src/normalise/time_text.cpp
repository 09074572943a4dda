#include "normalise/time_text.hpp"

#include <charconv>
#include <cstdint>
#include <limits>

namespace ingestor::normalise {
namespace {

using std::chrono::microseconds;

/// timestamptz begins at 4714-11-24 BC. It ends in the year 294276, and an int64 of microseconds
/// since 1970 in 294247: the earlier of the two ends counts.
constexpr timestamp earliest{microseconds{-210'866'803'200'000'000}};

/// The digits of a JSON number as one run, and where the decimal point stands in it.
struct decimal {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
  int exponent = 0;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const auto digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

decimal parse_decimal(std::string_view number) {
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

/// The whole part of the number times 10^shift; nothing if it is beyond 64 bits.
std::optional<std::uint64_t> scaled(const decimal& number, int shift) {
  const auto places = static_cast<std::ptrdiff_t>(number.integer.size()) + number.exponent + shift;
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  for (std::ptrdiff_t i = 0; i < places; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const auto in_fraction = at - number.integer.size();
    unsigned digit = 0;
    if (at < number.integer.size()) {
      digit = static_cast<unsigned>(number.integer[at] - '0');
    } else if (in_fraction < number.fraction.size()) {
      digit = static_cast<unsigned>(number.fraction[in_fraction] - '0');
    } else if (value == 0) {
      return 0;
    }
    if (value > (most - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

/// Reads a text from left to right; once something is not as expected, it has failed for good.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_{text} {}

  /// Exactly this many digits.
  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!next_is_digit()) return fail();
      value = value * 10 + take() - '0';
    }
    return value;
  }

  /// One of these characters.
  char one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
      fail();
      return '\0';
    }
    return take();
  }

  bool next_is(char expected) const { return rest_.starts_with(expected); }
  bool next_is_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  char take() {
    const char front = rest_.front();
    rest_.remove_prefix(1);
    return front;
  }
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  int fail() {
    failed_ = true;
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

microseconds scan_fraction(scanner& text) {
  if (!text.next_is('.')) return {};
  text.take();
  int value = text.digits(1);
  int digits = 1;
  for (; text.next_is_digit(); ++digits) {
    const char digit = text.take();
    if (digits < 6) value = value * 10 + digit - '0';
  }
  for (; digits < 6; ++digits) value *= 10;
  return microseconds{value};
}

std::optional<microseconds> scan_offset(scanner& text) {
  const char sign = text.one_of("Zz+-");
  if (sign != '+' && sign != '-') return microseconds{};
  const std::chrono::hours hours{text.digits(2)};
  text.one_of(":");
  const std::chrono::minutes minutes{text.digits(2)};
  if (hours.count() > 23 || minutes.count() > 59) return std::nullopt;
  return sign == '-' ? -(hours + minutes) : hours + minutes;
}

}  // namespace

std::optional<timestamp> time_from_milliseconds(std::string_view number) {
  const auto parsed = parse_decimal(number);
  const auto magnitude = scaled(parsed, 3);
  if (!magnitude) return std::nullopt;
  const auto micros = static_cast<std::int64_t>(*magnitude);
  const timestamp at{microseconds{parsed.negative ? -micros : micros}};
  if (at < earliest) return std::nullopt;
  return at;
}

std::optional<timestamp> time_from_rfc3339(std::string_view text) {
  scanner scan{text};
  const std::chrono::year year{scan.digits(4)};
  scan.one_of("-");
  const std::chrono::month month{static_cast<unsigned>(scan.digits(2))};
  scan.one_of("-");
  const std::chrono::day day{static_cast<unsigned>(scan.digits(2))};
  scan.one_of("Tt ");
  const std::chrono::hours hours{scan.digits(2)};
  scan.one_of(":");
  const std::chrono::minutes minutes{scan.digits(2)};
  scan.one_of(":");
  const std::chrono::seconds seconds{scan.digits(2)};
  const auto fraction = scan_fraction(scan);
  const auto offset = scan_offset(scan);
  const std::chrono::year_month_day date{year, month, day};
  if (!scan.finished() || !offset || !date.ok()) return std::nullopt;
  if (hours.count() > 23 || minutes.count() > 59 || seconds.count() > 60) return std::nullopt;
  return timestamp{std::chrono::sys_days{date}} + hours + minutes + seconds + fraction - *offset;
}

}  // namespace ingestor::normalise
