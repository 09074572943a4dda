#include "normalise/time_text.hpp"

#include "normalise/decimal.hpp"

#include <algorithm>

namespace ingestor::normalise {
namespace {

using std::chrono::microseconds;

constexpr timestamp database_epoch{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};
constexpr auto epoch_distance =
    static_cast<std::uint64_t>(database_epoch.time_since_epoch().count());

// What timestamptz can hold, in microseconds before and after 1970: from 4714-11-24 BC up to, not
// including, 294277-01-01. PostgreSQL documentation, "Date/Time Types".
constexpr std::uint64_t before_1970_max = 210'866'803'200'000'000U;
constexpr std::uint64_t after_1970_end = 9'224'318'016'000'000'000U;

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
  bool next_is_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
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

timestamp database_time::as_timestamp() const {
  const auto most = (timestamp::max() - database_epoch).count();
  return database_epoch + std::chrono::microseconds{std::min(microseconds, most)};
}

std::optional<database_time> time_from_milliseconds(std::string_view number) {
  const auto parsed = decimal::parse(number);
  const auto magnitude = parsed.scaled(3);
  if (!magnitude) return std::nullopt;
  if (parsed.negative) {
    if (*magnitude > before_1970_max) return std::nullopt;
    return database_time{-static_cast<std::int64_t>(*magnitude + epoch_distance)};
  }
  if (*magnitude >= after_1970_end) return std::nullopt;
  // Wraps below zero for a time before 2000, as it should.
  return database_time{static_cast<std::int64_t>(*magnitude - epoch_distance)};
}

std::optional<database_time> time_from_rfc3339(std::string_view text) {
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
  const auto at = timestamp{std::chrono::sys_days{date}} + hours + minutes + seconds + fraction;
  return database_time{(at - *offset - database_epoch).count()};
}

}  // namespace ingestor::normalise
