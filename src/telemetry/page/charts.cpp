#include "telemetry/page/charts.hpp"

#include "telemetry/figures.hpp"
#include "telemetry/page/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ingestor::telemetry::page {
namespace {

/// Of the drawing: two units a sample. It is stretched to whatever space there is.
constexpr int unit_seconds = 5;
constexpr int width = 3600 / unit_seconds;
constexpr int height = 100;
constexpr int sample_width = static_cast<int>(history::interval.count()) / unit_seconds;
/// What has a value only when a file is committed: files that take a while leave no gaps.
constexpr int lag_joined_width_max = 60 / unit_seconds;

struct series {
  std::string_view title;
  std::optional<double> (*value)(const history_sample&);
  std::string (*text)(double);
  /// A sample that is later than this is behind a gap.
  int joined_width_max = sample_width * 3 / 2;
};

std::string whole_text(double value) {
  return with_separators(static_cast<std::uint64_t>(std::llround(std::clamp(value, 0.0, 1e15))));
}

std::string bytes_text(double value) {
  return page::bytes(static_cast<std::uint64_t>(std::llround(std::clamp(value, 0.0, 1e15)))) + "/s";
}

std::string rows_text(double value) {
  const auto whole = whole_text(value);
  return whole + (whole == "1" ? " row/s" : " rows/s");
}

std::string files_text(double value) {
  return whole_text(value) + (whole_text(value) == "1" ? " file" : " files");
}

constexpr series all_series[] = {
    {"Rows committed", [](const history_sample& s) { return std::optional{s.rows_per_second}; },
     rows_text},
    {"Read from S3", [](const history_sample& s) { return std::optional{s.bytes_per_second}; },
     bytes_text},
    {"Commit lag", [](const history_sample& s) { return s.commit_lag_seconds; }, span_text,
     lag_joined_width_max},
    {"Files waiting", [](const history_sample& s) { return s.pending_files; }, files_text}};

struct extent {
  const history_sample* latest = nullptr;
  const history_sample* highest = nullptr;
};

extent extent_of(const history& last_hour, const series& shown) {
  extent out;
  for (std::size_t i = 0; i < last_hour.size(); ++i) {
    const auto value = shown.value(last_hour[i]);
    if (!value) continue;
    out.latest = &last_hour[i];
    if (!out.highest || *value > *shown.value(*out.highest)) out.highest = &last_hour[i];
  }
  return out;
}

/// Each run of samples is an area of its own.
std::string path_of(const history& last_hour, const series& shown, timestamp now, double top) {
  std::string out;
  std::optional<int> before;
  const auto end_run = [&] {
    if (before) out += fmt::format("V{}Z", height);
    before.reset();
  };
  for (std::size_t i = 0; i < last_hour.size(); ++i) {
    const auto value = shown.value(last_hour[i]);
    const std::chrono::duration<double> ago = now - last_hour[i].at;
    if (!value || ago.count() > width * unit_seconds) continue;
    const auto x = std::clamp(width - static_cast<int>(std::lround(ago.count() / unit_seconds)),
                              sample_width, width);
    const auto share = std::isfinite(*value) ? std::clamp(*value / top, 0.0, 1.0) : 0.0;
    const auto y = height - static_cast<int>(std::lround(share * height));
    if (before && x - *before > shown.joined_width_max) end_run();
    if (!before) out += fmt::format("M{} {}", x - sample_width, height);
    out += fmt::format("V{}H{}", y, x);
    before = x;
  }
  end_run();
  return out;
}

/// Bytes have a scale of whole MiB, or of tenths.
double top_of(const series& shown, double highest) {
  constexpr double mebibyte = 1 << 20;
  if (shown.text != bytes_text) return round_top(highest);
  return std::max(0.1, round_top(highest / mebibyte)) * mebibyte;
}

std::string sentence(const series& shown, const extent& seen, double latest, double highest) {
  const auto at = time_text(seen.highest->at).substr(11, 5);
  return fmt::format("{} in the last hour: {} at last, {} at most, at {} UTC.", shown.title,
                     shown.text(latest), shown.text(highest), at);
}

std::string figure(std::string_view title, std::string_view latest, std::string_view highest,
                   std::string_view top, std::string_view said, std::string_view path) {
  return fmt::format(
      "<figure><figcaption>{0}<b>{1}</b><span>{2}</span></figcaption>"
      "<div class=\"plot\"><span class=\"top\" aria-hidden=\"true\">{3}</span>"
      "<svg role=\"img\" viewBox=\"0 0 {4} {5}\" preserveAspectRatio=\"none\"><title>{6}</title>"
      "<path class=\"half\" d=\"M0 {7}H{4}\"/><path d=\"{8}\"/></svg>"
      "<div class=\"hours\" aria-hidden=\"true\"><span>60 min ago</span><span>30</span>"
      "<span>now</span></div></div></figure>\n",
      title, latest, highest, top, width, height, said, height / 2, path);
}

std::string chart(const history& last_hour, const series& shown, timestamp now) {
  const auto seen = extent_of(last_hour, shown);
  if (seen.latest == nullptr) {
    return figure(shown.title, "–", "none yet", shown.text(top_of(shown, 0)),
                  std::string{shown.title} + ": nothing in the last hour.", "");
  }
  const auto latest = *shown.value(*seen.latest);
  const auto highest = *shown.value(*seen.highest);
  const auto top = top_of(shown, highest);
  return figure(shown.title, shown.text(latest), "at most " + shown.text(highest), shown.text(top),
                sentence(shown, seen, latest, highest), path_of(last_hour, shown, now, top));
}

}  // namespace

double round_top(double value) {
  if (!std::isfinite(value) || value <= 0) return 1;
  const auto power = std::pow(10.0, std::floor(std::log10(value)));
  for (const auto factor : {1.0, 2.0, 5.0}) {
    if (value <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string charts(const history& last_hour, timestamp now) {
  if (last_hour.empty()) {
    return "<p class=\"empty\">No sample yet: one is taken every " +
           std::to_string(history::interval.count()) + " seconds.</p>\n";
  }
  std::string out = "<div class=\"charts\">\n";
  for (const auto& shown : all_series) out += chart(last_hour, shown, now);
  return out + "</div>\n";
}

}  // namespace ingestor::telemetry::page
