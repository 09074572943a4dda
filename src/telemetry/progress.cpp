#include "telemetry/progress.hpp"

#include "telemetry/figures.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

namespace ingestor::telemetry {
namespace {

constexpr std::size_t bar_columns_min = 10;
constexpr std::size_t bar_columns_max = 40;
/// The part of a line that a bar gets, where the line is wide enough.
constexpr std::size_t bar_part = 5;
/// The figures alone are more than a bar on a line that is not so wide.
constexpr std::size_t line_columns_min = 60;

/// Below 1 for as long as a file is not done: what was read may not have been written.
constexpr double share_most = 0.999;

// 1.2/3.4 GiB, in the unit that fits the second.
std::string bytes_of(std::uint64_t done, std::uint64_t total) {
  constexpr std::array<std::string_view, 5> units{"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  double divisor = 1;
  while (unit + 1 < units.size() && static_cast<double>(total) >= divisor * 1024) {
    divisor *= 1024;
    ++unit;
  }
  const auto text = [&](std::uint64_t bytes) {
    return fmt::format("{:.{}f}", static_cast<double>(bytes) / divisor, unit == 0 ? 0 : 1);
  };
  return fmt::format("{}/{} {}", text(std::min(done, total)), text(total), units[unit]);
}

std::vector<std::string> figures_of(const progress& now, const pace& at) {
  const auto done = with_separators(now.files_done);
  std::vector<std::string> out;
  if (now.files_total == 0) {
    out = {"listing: " + with_separators(now.objects_listed) + " objects", done + " files"};
  } else {
    out = {std::to_string(static_cast<unsigned>(std::floor(share_done(now) * 100))) + "%",
           done + "/" + with_separators(now.files_total) + " files"};
  }
  if (now.files_failed != 0) out.push_back(with_separators(now.files_failed) + " failed");
  if (!now.waits_for.empty()) out.push_back("waiting for " + now.waits_for);
  if (now.bytes_total != 0) out.push_back(bytes_of(now.bytes_done, now.bytes_total));
  const auto rate = static_cast<std::uint64_t>(std::llround(at.rows_per_second));
  out.push_back(with_separators(rate) + " rows/s");
  if (at.seconds_left) out.push_back(span_text(*at.seconds_left) + " left");
  out.push_back(with_separators(now.rows) + " rows");
  return out;
}

std::string joined(const std::vector<std::string>& figures, std::size_t columns) {
  std::string out;
  for (const auto& figure : figures) {
    const std::string_view gap = out.empty() ? "" : "  ";
    if (out.size() + gap.size() + figure.size() > columns) break;
    out.append(gap).append(figure);
  }
  return out;
}

}  // namespace

double share_done(const progress& now) {
  if (now.files_total != 0 && now.files_done >= now.files_total) return 1;
  const bool by_bytes = now.bytes_total != 0;
  const auto done = static_cast<double>(by_bytes ? now.bytes_done : now.files_done);
  const auto total = static_cast<double>(by_bytes ? now.bytes_total : now.files_total);
  return total > 0 ? std::min(done / total, share_most) : 0;
}

std::size_t bar_columns(std::size_t columns) {
  if (columns < line_columns_min) return 0;
  return std::clamp(columns / bar_part, bar_columns_min, bar_columns_max);
}

std::string bar_of(double share, std::size_t columns) {
  const auto inner = columns - 2;
  const auto full = static_cast<std::size_t>(std::floor(share * static_cast<double>(inner)));
  std::string out = "[";
  out.append(full, '=');
  if (full < inner) out += '>';
  out.resize(columns - 1, ' ');
  return out += ']';
}

std::string progress_bar(const progress& now, const pace& at, std::size_t columns) {
  const auto room = now.files_total == 0 ? 0 : bar_columns(columns);
  if (room == 0) return joined(figures_of(now, at), columns);
  // One column between the bar and the figures.
  return bar_of(share_done(now), room) + ' ' + joined(figures_of(now, at), columns - room - 1);
}

}  // namespace ingestor::telemetry
