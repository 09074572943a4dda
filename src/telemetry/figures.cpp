#include "telemetry/figures.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace ingestor::telemetry {
namespace {

/// A century: no span that is shown is longer, and every whole number up to it is exact.
constexpr double seconds_most = 100.0 * 366 * 24 * 3600;

double bounded(double seconds) {
  return std::isfinite(seconds) ? std::clamp(seconds, 0.0, seconds_most) : 0.0;
}

}  // namespace

std::string with_separators(std::uint64_t value) {
  auto out = std::to_string(value);
  for (auto at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ',');
  }
  return out;
}

std::string mebibytes(std::uint64_t bytes) {
  constexpr std::uint64_t mebibyte = 1U << 20U;
  // Rounded in tenths first, or 1.96 would become 1.10.
  const auto tenths = bytes / mebibyte * 10 + (bytes % mebibyte * 10 + mebibyte / 2) / mebibyte;
  return with_separators(tenths / 10) + '.' + std::to_string(tenths % 10) + " MiB";
}

std::string seconds_text(double seconds) {
  const auto value = bounded(seconds);
  if (value < 10) return fmt::format("{:.2f} s", value);
  if (value < 1000) return fmt::format("{:.1f} s", value);
  return with_separators(static_cast<std::uint64_t>(std::llround(value))) + " s";
}

std::string span_text(double seconds) {
  const auto whole = std::llround(bounded(seconds));
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
  return fmt::format("{}d {:02}h", whole / 86400, whole / 3600 % 24);
}

std::string time_text(timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

double per_second(std::uint64_t events, double seconds) {
  return seconds > 0 ? static_cast<double>(events) / seconds : 0;
}

}  // namespace ingestor::telemetry
