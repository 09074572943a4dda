#include "app/column_text.hpp"

#include "base/time.hpp"
#include "normalise/column.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>

namespace ingestor::app {
namespace {

using normalise::column;

std::int64_t integer_of(const_bytes field) {
  if (field.empty()) return 0;
  // Sign-extended from the first byte.
  std::int64_t value = std::to_integer<std::uint8_t>(field.front());
  if (value >= 128) value -= 256;
  for (const auto byte : field.subspan(1))
    value = value * 256 + std::to_integer<std::uint8_t>(byte);
  return value;
}

std::string uuid_text(const_bytes field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", std::to_integer<unsigned>(field[i]));
    text += hex.data();
  }
  return text;
}

std::string timestamp_text(const_bytes field) {
  using namespace std::chrono;
  constexpr timestamp epoch{sys_days{year{2000} / 1 / 1}};
  const timestamp at = epoch + microseconds{integer_of(field)};
  const auto day = floor<days>(at);
  // PostgreSQL's years go beyond those of <chrono>; the calendar repeats every 400 of them.
  constexpr days era{146'097};
  const auto eras =
      floor<duration<std::int64_t, std::ratio_multiply<std::ratio<146'097>, days::period>>>(
          day.time_since_epoch());
  const year_month_day date{sys_days{day.time_since_epoch() - eras.count() * era}};
  const auto year = static_cast<int>(date.year()) + 400 * static_cast<int>(eras.count());
  const hh_mm_ss time{at - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02ld:%02ld:%02ld.%06ldZ", year,
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<long>(time.hours().count()), static_cast<long>(time.minutes().count()),
                static_cast<long>(time.seconds().count()),
                static_cast<long>(time.subseconds().count()));
  return text.data();
}

std::string double_text(const_bytes field) {
  const auto value = std::bit_cast<double>(integer_of(field));
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

}  // namespace

column_kind kind_of(std::size_t index) {
  switch (static_cast<column>(index)) {
    case column::level:
    case column::auth_user_id:
    case column::pid:
    case column::remote_port:
    case column::processing_time_ms:
    case column::document_count:
      return column_kind::number;
    case column::cache_hit:
      return column_kind::boolean;
    case column::query:
    case column::headers:
    case column::params:
    case column::raw_data:
      return column_kind::json;
    default:
      return column_kind::text;
  }
}

std::string column_text(std::size_t index, const_bytes field) {
  switch (static_cast<column>(index)) {
    case column::id:
      return uuid_text(field);
    case column::timestamp:
    case column::last_updated:
      return timestamp_text(field);
    case column::processing_time_ms:
      return double_text(field);
    default:
      break;
  }
  switch (kind_of(index)) {
    case column_kind::number:
      return std::to_string(integer_of(field));
    case column_kind::boolean:
      return integer_of(field) != 0 ? "true" : "false";
    case column_kind::json:
      // After jsonb's version byte.
      return std::string{as_text(field.subspan(1))};
    case column_kind::text:
      break;
  }
  return std::string{as_text(field)};
}

}  // namespace ingestor::app
