#include "telemetry/progress.hpp"

#include "telemetry/figures.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ingestor::telemetry {
namespace {

constexpr std::size_t bar_columns_min = 10;
constexpr std::size_t bar_columns_max = 40;

std::vector<std::string> figures_of(const progress& now) {
  const auto percent = std::floor(share_done(now) * 100);
  const auto rate = std::llround(per_second(now.rows, now.seconds));
  const auto done = with_separators(now.files_done);
  std::vector<std::string> out;
  if (now.files_total == 0) {
    out = {"listing: " + with_separators(now.objects_listed) + " objects", done + " files"};
  } else {
    out = {std::to_string(static_cast<unsigned>(percent)) + "%",
           done + "/" + with_separators(now.files_total) + " files"};
  }
  if (now.files_failed != 0) out.push_back(with_separators(now.files_failed) + " failed");
  out.push_back(with_separators(now.rows) + " rows");
  out.push_back(with_separators(static_cast<std::uint64_t>(rate)) + " rows/s");
  if (const auto left = time_left(now)) out.push_back(span_text(*left) + " left");
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

std::string bar(double share, std::size_t columns) {
  const auto inner = columns - 2;
  const auto full = static_cast<std::size_t>(std::floor(share * static_cast<double>(inner)));
  std::string out = "[";
  out.append(full, '=');
  if (full < inner) out += '>';
  out.resize(columns - 1, ' ');
  return out += ']';
}

}  // namespace

double share_done(const progress& now) {
  const bool by_bytes = now.bytes_total != 0;
  const auto done = static_cast<double>(by_bytes ? now.bytes_done : now.files_done);
  const auto total = static_cast<double>(by_bytes ? now.bytes_total : now.files_total);
  return total > 0 ? std::min(done / total, 1.0) : 0;
}

std::optional<double> time_left(const progress& now) {
  const auto share = share_done(now);
  if (share <= 0 || share >= 1 || now.seconds < 1) return std::nullopt;
  return now.seconds / share * (1 - share);
}

std::string progress_bar(const progress& now, std::size_t columns) {
  auto text = joined(figures_of(now), columns);
  // One column between the bar and the figures.
  if (now.files_total == 0 || columns < text.size() + 1 + bar_columns_min) return text;
  const auto room = std::min(columns - text.size() - 1, bar_columns_max);
  return bar(share_done(now), room) + ' ' + text;
}

}  // namespace ingestor::telemetry
