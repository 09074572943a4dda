#include "telemetry/page/text.hpp"

#include "base/utf8.hpp"
#include "telemetry/escape.hpp"
#include "telemetry/figures.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace ingestor::telemetry::page {
namespace {

constexpr std::string_view ellipsis = "…";

bool is_line_break(char32_t c) {
  return c == '\n' || c == '\t';
}

/// Sources: The Unicode Standard, section 23.2 (layout controls); UAX #9 (what sets directions).
bool cannot_be_seen(char32_t c) {
  constexpr std::pair<char32_t, char32_t> ranges[] = {
      {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},      {0x61c, 0x61c},   {0x115f, 0x1160},
      {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},  {0x2060, 0x206f}, {0x3164, 0x3164},
      {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
  return std::ranges::any_of(
      ranges, [c](const auto& range) { return range.first <= c && c <= range.second; });
}

enum class line_breaks { kept, marked };

std::string html_of(std::string_view character, const utf8_step& step, line_breaks how) {
  const bool kept = how == line_breaks::kept && is_line_break(step.character);
  if (step.well_formed && cannot_be_seen(step.character) && !kept) {
    return fmt::format("<i>U+{:04X}</i>", static_cast<std::uint32_t>(step.character));
  }
  return html(character.substr(0, step.bytes));
}

/// The beginning of the text that fits, and how much of the text that is.
std::pair<std::string, std::size_t> beginning(std::string_view text, std::size_t html_bytes_max,
                                              line_breaks how) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto rest = text.substr(at);
    const auto step = first_character(rest);
    const auto next = html_of(rest, step, how);
    if (out.size() + next.size() > html_bytes_max) break;
    out += next;
    at += step.bytes;
  }
  return {std::move(out), at};
}

/// Where the end of the text begins that fits.
std::size_t begin_of_end(std::string_view text, std::size_t html_bytes_max, line_breaks how) {
  auto at = text.size();
  std::size_t used = 0;
  while (at > 0) {
    auto begin = at - 1;
    while (begin > 0 && at - begin < 4 &&
           (static_cast<unsigned char>(text[begin]) & 0xc0U) == 0x80U) {
      --begin;
    }
    const auto rest = text.substr(begin, at - begin);
    used += html_of(rest, first_character(rest), how).size();
    if (used > html_bytes_max) break;
    at = begin;
  }
  return at;
}

}  // namespace

std::string prose(std::string_view text, std::size_t html_bytes_max) {
  auto [out, taken] = beginning(text, html_bytes_max, line_breaks::kept);
  return taken < text.size() ? std::move(out.append(ellipsis)) : std::move(out);
}

std::string name(std::string_view text, std::size_t html_bytes_max) {
  auto [out, taken] = beginning(text, html_bytes_max, line_breaks::marked);
  if (taken < text.size()) {
    const auto half = html_bytes_max / 2;
    const auto tail = text.substr(begin_of_end(text, half, line_breaks::marked));
    out = beginning(text, half, line_breaks::marked).first;
    out.append(ellipsis).append(beginning(tail, html_bytes_max, line_breaks::marked).first);
  }
  return "<bdi dir=\"ltr\">" + out + "</bdi>";
}

bool is_plain(std::string_view text) {
  while (!text.empty()) {
    const auto step = first_character(text);
    if (!step.well_formed || cannot_be_seen(step.character)) return false;
    text.remove_prefix(step.bytes);
  }
  return true;
}

std::string element(std::string_view tag, std::string_view content, std::string_view css) {
  if (css.empty()) return fmt::format("<{0}>{1}</{0}>", tag, content);
  return fmt::format("<{0} class=\"{2}\">{1}</{0}>", tag, content, css);
}

std::string cell(std::string_view label, std::string_view content, std::string_view css) {
  std::string classes{css};
  if (content == "–") classes += classes.empty() ? "none" : " none";
  if (!classes.empty()) classes = " class=\"" + classes + "\"";
  return fmt::format("<td data-label=\"{}\"{}><div>{}</div></td>", label, classes, content);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return with_separators(count).append(" ").append(count == 1 ? one : many);
}

std::string bytes(std::uint64_t count) {
  if (count < 1024) return counted(count, "byte", "bytes");
  constexpr std::string_view units[] = {"KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(count) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  const auto tenths = static_cast<std::uint64_t>(std::llround(value * 10));
  return fmt::format("{}.{} {}", with_separators(tenths / 10), tenths % 10, units[unit]);
}

std::string delay(double seconds) {
  if (!(seconds < 1)) return seconds_text(seconds);
  return fmt::format("{} ms", std::llround(std::max(0.0, seconds) * 1000));
}

std::string clock_time(timestamp at) {
  const auto text = time_text(at);
  return fmt::format("<time datetime=\"{}T{}Z\">{}</time>", text.substr(0, 10), text.substr(11, 8),
                     text);
}

std::string relative_time(timestamp at, timestamp now) {
  const std::chrono::duration<double> ago = now - at;
  const auto text = time_text(at);
  return fmt::format(
      "<time datetime=\"{}T{}Z\" title=\"{}\">{}</time>", text.substr(0, 10), text.substr(11, 8),
      text, ago.count() < -0.5 ? "in " + span_text(-ago.count()) : span_text(ago.count()) + " ago");
}

}  // namespace ingestor::telemetry::page
