#include "top/header.hpp"

#include "telemetry/figures.hpp"
#include "top/words.hpp"

#include <algorithm>
#include <string>

namespace ingestor::top {
namespace {

using terminal::columns_of;
using terminal::glyphs;
using terminal::line;
using terminal::shown;
using terminal::span;
using terminal::style;

/// What stays together.
using group = std::vector<span>;

constexpr std::string_view group_gap = "   ";
constexpr std::size_t label_columns = 7;
/// Figures that are older than this are not those of now.
constexpr double age_unsaid_max_seconds = 15;

std::size_t columns_of_spans(const std::vector<span>& spans, const glyphs& how) {
  std::size_t out = 0;
  for (const auto& one : spans) out += columns_of(one.text, how);
  return out;
}

line joined(std::string_view label, const std::vector<group>& groups, std::size_t columns,
            const glyphs& how) {
  line out;
  out.spans.push_back({" " + terminal::padded(label, label_columns, how), style::faint});
  auto used = label_columns + 1;
  for (const auto& one : groups) {
    const bool first = out.spans.size() == 1;
    const auto wide = columns_of_spans(one, how) + (first ? 0 : group_gap.size());
    if (!first && used + wide > columns) break;
    if (!first) out.spans.push_back({std::string{group_gap}});
    out.spans.insert(out.spans.end(), one.begin(), one.end());
    used += wide;
  }
  return clipped(std::move(out), columns, how);
}

group counted_group(std::string figure, std::string_view what, style as = style::plain) {
  return {{std::move(figure), as == style::plain ? style::strong : as},
          {" " + std::string{what}, as}};
}

group file_group(std::uint64_t count, std::string_view what, style where_any = style::plain) {
  return counted_group(telemetry::with_separators(count), what,
                       count == 0 ? style::plain : where_any);
}

std::string replicas_text(const fleet& all) {
  if (all.alive + all.dead == 0) return "no replica";
  auto out = counted(all.alive, "replica alive", "replicas alive");
  if (all.dead != 0) out += ", " + std::to_string(all.dead) + " dead";
  return out;
}

std::string age_text(const seen& now) {
  return "figures are " + telemetry::span_text(now.age) + " old";
}

line state_line(const seen& now, bool paused, std::size_t columns, const glyphs& how) {
  std::vector<group> groups;
  if (!now.trouble.empty()) {
    groups.push_back({{"DATABASE AWAY", style::bad}});
    groups.push_back({{"for " + telemetry::span_text(now.trouble_lasts)}});
    groups.push_back({{"next try in " + telemetry::span_text(now.next_try)}});
    if (now.figures) groups.push_back({{age_text(now), style::warning}});
    return joined("state", groups, columns, how);
  }
  if (!now.figures) return joined("state", {{{"reading the ledger", style::plain}}}, columns, how);
  if (paused) groups.push_back({{"PAUSED", style::warning}});
  if (paused || now.age > age_unsaid_max_seconds) {
    groups.push_back({{age_text(now), style::warning}});
  }
  const auto said = verdict_on(*now.figures, now.at);
  groups.push_back({{std::string{said.words}, said.as}});
  const auto all = fleet_of(*now.figures, now.at);
  groups.push_back({{replicas_text(all), all.dead == 0 ? style::plain : style::bad}});
  if (all.busy != 0) groups.push_back({{counted(all.busy, "fetcher at work", "fetchers at work")}});
  return joined("state", groups, columns, how);
}

/// Instead of the files: why they cannot be asked for. The figures below stay.
line trouble_line(const seen& now, std::size_t columns, const glyphs& how) {
  return joined("why", {{{shown(now.trouble, how)}}}, columns, how);
}

line files_line(const telemetry::ledger_figures& figures, std::size_t columns, const glyphs& how) {
  const auto& files = figures.files;
  return joined(
      "files",
      {file_group(files.pending, "pending"), file_group(files.processing, "processing"),
       file_group(files.completed, "completed"), file_group(files.failed, "failed", style::bad)},
      columns, how);
}

line rows_line(const seen& now, std::size_t columns, const glyphs& how) {
  const auto& figures = *now.figures;
  const auto all = fleet_of(figures, now.at);
  std::vector<group> groups{counted_group(count_text(all.rows_per_second), "rows/s"),
                            counted_group(mebibytes_text(all.bytes_per_second), "MiB/s"),
                            counted_group(telemetry::with_separators(figures.rows), "rows loaded"),
                            file_group(figures.lines_rejected, "rejected", style::warning)};
  if (figures.objects_changed != 0) {
    groups.push_back(file_group(figures.objects_changed, "overwritten", style::warning));
  }
  return joined("rows", groups, columns, how);
}

std::string newest_text(const telemetry::ledger_figures& figures) {
  return figures.newest_row_at ? distance_text(*figures.newest_row_at, figures.taken_at) : "none";
}

line times_line(const telemetry::ledger_figures& figures, std::size_t columns, const glyphs& how) {
  const auto& oldest = figures.oldest_pending_age;
  const auto& last = figures.last_completed_at;
  const bool late = oldest.value_or(0) > pending_age_max_seconds;
  const auto said = [](std::string_view what, const std::string& when, style as) {
    return group{{std::string{what} + " ", style::plain}, {when, as}};
  };
  return joined(
      "times",
      {said("oldest pending", oldest ? telemetry::span_text(*oldest) : "none",
            late ? style::warning : style::strong),
       said("newest row", newest_text(figures), style::strong),
       said("last file", last ? distance_text(*last, figures.taken_at) : "none", style::strong)},
      columns, how);
}

std::string watched_text(const seen& now, const glyphs& how) {
  auto out = shown(now.source, how);
  if (!now.database.empty()) out += " in " + shown(now.database, how);
  return out;
}

}  // namespace

line clipped(line all, std::size_t columns, const glyphs& how) {
  std::size_t used = 0;
  std::size_t kept = 0;
  for (; kept < all.spans.size(); ++kept) {
    auto& one = all.spans[kept];
    const auto wide = columns_of(one.text, how);
    if (used + wide > columns) {
      one.text = terminal::fitted(one.text, columns - used, how);
      ++kept;
      break;
    }
    used += wide;
  }
  all.spans.resize(kept);
  return all;
}

line title_line(const seen& now, std::size_t columns, const glyphs& how) {
  constexpr std::string_view name = " ingestor top  ";
  std::string time = now.figures ? telemetry::time_text(now.at) : std::string{};
  // The date goes first: a day is not forgotten as soon as the minute is.
  if (columns < 100 && time.size() > 11) time.erase(0, 11);
  const auto ends = name.size() + time.size() + 3;
  line out;
  out.reversed = true;
  const auto room = columns > ends ? columns - ends : 0;
  if (room < 8) {
    out.spans.push_back({terminal::padded(" ingestor top", columns, how), style::strong});
    return out;
  }
  out.spans.push_back({std::string{name}, style::strong});
  out.spans.push_back({terminal::padded(watched_text(now, how), room, how) + "  " + time + " "});
  return out;
}

line title_words(const seen& now, const glyphs& how) {
  auto text = "ingestor top  " + watched_text(now, how);
  if (now.figures) text += "  " + telemetry::time_text(now.at);
  return {{{std::move(text)}}};
}

std::vector<line> header_lines(const seen& now, bool paused, std::size_t columns,
                               const glyphs& how) {
  std::vector<line> out{state_line(now, paused, columns, how)};
  if (!now.trouble.empty()) out.push_back(trouble_line(now, columns, how));
  if (!now.figures) return out;
  out.push_back(files_line(*now.figures, columns, how));
  out.push_back(rows_line(now, columns, how));
  out.push_back(times_line(*now.figures, columns, how));
  return out;
}

}  // namespace ingestor::top
