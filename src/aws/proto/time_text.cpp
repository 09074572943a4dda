#include "aws/proto/time_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace ingestor::aws {
namespace {

/// Reads fixed-width fields from left to right; the first that does not fit spoils the whole.
class field_reader {
 public:
  explicit field_reader(std::string_view text) : text_{text} {}

  int digits(std::size_t count) {
    int value = 0;
    for (const char c : take(count)) {
      if (c < '0' || c > '9') good_ = false;
      value = value * 10 + (c - '0');
    }
    return value;
  }

  void expect(std::string_view literal) {
    if (take(literal.size()) != literal) good_ = false;
  }

  std::string_view take(std::size_t count) {
    if (text_.size() < count) {
      good_ = false;
      return {};
    }
    const auto out = text_.substr(0, count);
    text_.remove_prefix(count);
    return out;
  }

  std::string_view rest() const { return text_; }
  bool good() const { return good_; }

 private:
  std::string_view text_;
  bool good_ = true;
};

struct calendar_time {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

std::optional<timestamp> utc(const calendar_time& t) {
  const std::chrono::year_month_day date{std::chrono::year{t.year},
                                         std::chrono::month{static_cast<unsigned>(t.month)},
                                         std::chrono::day{static_cast<unsigned>(t.day)}};
  // A leap second (60) is accepted and becomes the next minute's first.
  if (!date.ok() || t.hour > 23 || t.minute > 59 || t.second > 60) return std::nullopt;
  return timestamp{std::chrono::sys_days{date}} + std::chrono::hours{t.hour} +
         std::chrono::minutes{t.minute} + std::chrono::seconds{t.second};
}

/// What follows the seconds: nothing, or a dot and digits.
std::optional<std::chrono::microseconds> fraction(std::string_view text) {
  if (text.empty()) return std::chrono::microseconds{0};
  if (text.front() != '.' || text.size() < 2 || text.size() > 10) return std::nullopt;
  int micros = 0;
  for (std::size_t i = 1; i <= 6; ++i) {
    micros = micros * 10 + (i < text.size() ? text[i] - '0' : 0);
  }
  const auto all_digits =
      std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!all_digits) return std::nullopt;
  return std::chrono::microseconds{micros};
}

}  // namespace

std::optional<timestamp> parse_iso8601(std::string_view text) {
  field_reader in{text};
  calendar_time t;
  t.year = in.digits(4);
  in.expect("-");
  t.month = in.digits(2);
  in.expect("-");
  t.day = in.digits(2);
  in.expect("T");
  t.hour = in.digits(2);
  in.expect(":");
  t.minute = in.digits(2);
  in.expect(":");
  t.second = in.digits(2);
  if (!in.good() || !in.rest().ends_with('Z')) return std::nullopt;
  const auto seconds = utc(t);
  const auto micros = fraction(in.rest().substr(0, in.rest().size() - 1));
  if (!seconds || !micros) return std::nullopt;
  return *seconds + *micros;
}

std::optional<timestamp> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  field_reader in{text};
  calendar_time t;
  in.take(3);
  in.expect(", ");
  t.day = in.digits(2);
  in.expect(" ");
  const auto* const month = std::find(months.begin(), months.end(), in.take(3));
  t.month = static_cast<int>(month - months.begin()) + 1;
  in.expect(" ");
  t.year = in.digits(4);
  in.expect(" ");
  t.hour = in.digits(2);
  in.expect(":");
  t.minute = in.digits(2);
  in.expect(":");
  t.second = in.digits(2);
  in.expect(" GMT");
  if (!in.good() || !in.rest().empty()) return std::nullopt;
  return utc(t);
}

}  // namespace ingestor::aws
