#include "top/panes.hpp"

#include "telemetry/figures.hpp"
#include "top/words.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace ingestor::top {
namespace {

using telemetry::ledger_figures;
using terminal::align;
using terminal::cut;
using terminal::glyphs;
using terminal::shown;
using terminal::style;

constexpr auto replica_columns = std::to_array<column>({
    {.name = "REPLICA", .columns_min = 12, .part = 1},
    {.name = "STATE", .columns_min = 8},
    {.name = "FILES", .to = align::right, .columns_min = 6, .goes = 3, .by_figure = true},
    {.name = "ROWS/S", .to = align::right, .columns_min = 8, .by_figure = true},
    {.name = "MIB/S", .to = align::right, .columns_min = 6, .goes = 4, .by_figure = true},
    {.name = "DONE", .to = align::right, .columns_min = 6, .goes = 5, .by_figure = true},
    {.name = "FAILED", .to = align::right, .columns_min = 7, .goes = 2, .by_figure = true},
    {.name = "UPTIME", .to = align::right, .columns_min = 7, .goes = 6, .by_figure = true},
    {.name = "SEEN", .to = align::right, .columns_min = 6, .goes = 1, .by_figure = true},
    {.name = "ROWS", .to = align::right, .columns_min = 11, .goes = 7, .by_figure = true},
    {.name = "REJECTED", .to = align::right, .columns_min = 9, .goes = 8, .by_figure = true},
    {.name = "LEASE", .to = align::right, .columns_min = 8, .goes = 9, .by_figure = true},
    {.name = "VERSION", .columns_min = 7, .goes = 10},
});

constexpr auto file_columns = std::to_array<column>({
    {.name = "REPLICA", .columns_min = 8, .goes = 1, .part = 1},
    {.name = "STAGE", .columns_min = 6},
    {.name = "PROGRESS", .columns_min = 4, .by_figure = true},
    {.name = "MIB", .to = align::right, .columns_min = 6, .goes = 5, .by_figure = true},
    {.name = "FILES", .to = align::right, .columns_min = 6, .goes = 4, .by_figure = true},
    {.name = "ROWS", .to = align::right, .columns_min = 9, .goes = 6, .by_figure = true},
    {.name = "ROWS/S", .to = align::right, .columns_min = 8, .goes = 3, .by_figure = true},
    {.name = "TIME", .to = align::right, .columns_min = 6, .goes = 2, .by_figure = true},
    {.name = "KEY", .columns_min = 12, .part = 3, .where = cut::start},
});

constexpr auto failure_columns = std::to_array<column>({
    {.name = "NEXT TRY", .columns_min = 9, .by_figure = true},
    {.name = "TRIES", .to = align::right, .columns_min = 6, .goes = 2, .by_figure = true},
    {.name = "STAGE", .columns_min = 7, .goes = 1},
    {.name = "ID", .to = align::right, .columns_min = 5, .goes = 3, .by_figure = true},
    {.name = "KEY", .columns_min = 10, .part = 2, .where = cut::start},
    {.name = "ERROR", .columns_min = 12, .part = 3},
});

constexpr auto reject_columns = std::to_array<column>({
    {.name = "LOADED", .columns_min = 9, .by_figure = true},
    {.name = "LINES", .to = align::right, .columns_min = 7, .by_figure = true},
    {.name = "ID", .to = align::right, .columns_min = 5, .goes = 1, .by_figure = true},
    {.name = "KEY", .columns_min = 10, .part = 2, .where = cut::start},
    {.name = "REASONS", .columns_min = 12, .part = 3},
});

cell figure(std::uint64_t value) {
  return {count_text(static_cast<double>(value)), style::plain, static_cast<double>(value)};
}

cell measured(double value) {
  return {count_text(value), style::plain, value};
}

cell span_cell(double seconds) {
  return {telemetry::span_text(seconds), style::plain, seconds};
}

cell alarming(cell what) {
  if (what.order > 0) what.as = style::bad;
  return what;
}

double seconds_between(timestamp from, timestamp to) {
  return std::chrono::duration<double>{to - from}.count();
}

// --- replicas

cell state_cell(const telemetry::active_replica& one, timestamp now, const glyphs& how) {
  if (is_dead(one, now)) return {"dead", style::bad};
  if (!one.report) return {"silent", style::warning};
  const auto& state = one.report->state;
  return {shown(state, how), state == "running" ? style::good : style::warning};
}

cell lease_cell(const telemetry::active_replica& one, timestamp now) {
  if (!one.lease_expires_at) return {"-", style::faint, -1};
  const auto left = seconds_between(now, *one.lease_expires_at);
  if (left < 0) return {"ran out", style::bad, 0};
  return {telemetry::span_text(left), style::plain, left};
}

row replica_row(const telemetry::active_replica& one, timestamp now, const glyphs& how) {
  const cell none{"-", style::faint, -1};
  const bool dead = is_dead(one, now);
  const auto& said = one.report;
  const auto of = [&](auto member, auto form) { return said ? form((*said).*member) : none; };
  // A rate is of the moment: of one that is gone there is none.
  const auto rate = [&](auto member, auto form) {
    return said && !dead ? form((*said).*member) : none;
  };
  using report = telemetry::replica_report;
  const auto mebibytes = [](double bytes) {
    return cell{mebibytes_text(bytes), style::plain, bytes};
  };
  const auto text = [&](const std::string& what) { return cell{shown(what, how)}; };
  row out{};
  out.searched = one.name;
  out.cells = {{shown(one.name, how)},
               state_cell(one, now, how),
               figure(one.files),
               rate(&report::rows_per_second, measured),
               rate(&report::bytes_per_second, mebibytes),
               of(&report::files_completed, figure),
               alarming(of(&report::files_failed, figure)),
               of(&report::uptime_seconds, span_cell),
               of(&report::age_seconds, span_cell),
               of(&report::rows, figure),
               of(&report::lines_rejected, figure),
               lease_cell(one, now),
               of(&report::version, text)};
  if (dead) out.cells.front().as = style::bad;
  return out;
}

// --- the fetchers' files

double share_read(const telemetry::fetcher_report& one) {
  if (one.bytes_total == 0) return 0;
  return std::min(1.0, static_cast<double>(one.bytes_read) / static_cast<double>(one.bytes_total));
}

std::string progress_text(const telemetry::fetcher_report& one, std::size_t columns,
                          const glyphs& how) {
  if (one.bytes_total == 0) return "-";
  const auto share = share_read(one);
  auto percent = std::to_string(static_cast<int>(share * 100)) + "%";
  if (columns == 0) return percent;
  percent.insert(0, percent.size() < 4 ? 4 - percent.size() : 0, ' ');
  return terminal::bar(share, columns, how) + " " + percent;
}

std::string mebibytes_read(const telemetry::fetcher_report& one) {
  if (one.bytes_total == 0) return "-";
  return mebibytes_text(static_cast<double>(one.bytes_read)) + "/" +
         mebibytes_text(static_cast<double>(one.bytes_total));
}

style style_of(telemetry::fetcher_stage stage) {
  switch (stage) {
    case telemetry::fetcher_stage::load:
    case telemetry::fetcher_stage::commit:
      return style::good;
    case telemetry::fetcher_stage::fetch:
    case telemetry::fetcher_stage::write:
      return style::warning;
    default:
      return style::plain;
  }
}

row file_row(const std::string& replica, const telemetry::fetcher_report& one,
             std::size_t bar_columns, const glyphs& how) {
  const bool several = one.files > 1;
  const auto rate = telemetry::per_second(one.rows, one.seconds);
  row out{};
  out.searched = replica + '\n' + one.key;
  out.cells = {{shown(replica, how)},
               {std::string{telemetry::name_of(one.stage)}, style_of(one.stage)},
               {progress_text(one, bar_columns, how), style::plain, share_read(one)},
               {mebibytes_read(one), style::plain, static_cast<double>(one.bytes_total)},
               {several ? count_text(static_cast<double>(one.files_read)) + "/" +
                              count_text(static_cast<double>(one.files))
                        : count_text(static_cast<double>(one.files)),
                style::plain, static_cast<double>(one.files)},
               figure(one.rows),
               measured(rate),
               span_cell(one.seconds),
               {one.key.empty() ? "-" : shown(one.key, how)}};
  if (one.file_id != 0) out.details.emplace_back("LEDGER ID", std::to_string(one.file_id));
  return out;
}

std::vector<row> file_rows(const ledger_figures& figures, std::size_t bar_columns,
                           const glyphs& how) {
  std::vector<row> out;
  for (const auto& replica : figures.replicas) {
    if (!replica.report || !replica.report->alive()) continue;
    for (const auto& fetcher : replica.report->fetchers) {
      if (fetcher.stage == telemetry::fetcher_stage::idle) continue;
      out.push_back(file_row(replica.name, fetcher, bar_columns, how));
    }
  }
  return out;
}

// --- failures and rejects

cell next_try(const telemetry::failed_file& one, timestamp now) {
  if (!one.next_attempt_at) {
    return {"none left", style::bad, std::numeric_limits<double>::infinity()};
  }
  if (*one.next_attempt_at <= now) return {"due", style::warning, 0};
  return {distance_text(*one.next_attempt_at, now), style::plain,
          seconds_between(now, *one.next_attempt_at)};
}

row failure_row(const telemetry::failed_file& one, timestamp now, const glyphs& how) {
  row out{};
  out.searched = one.key + '\n' + one.error;
  out.cells = {next_try(one, now),
               figure(one.attempts),
               {shown(one.stage, how)},
               {std::to_string(one.id), style::faint, static_cast<double>(one.id)},
               {shown(one.key, how)},
               {one.error.empty() ? "no reason was recorded" : shown(one.error, how)}};
  return out;
}

row reject_row(const telemetry::rejecting_file& one, timestamp now, const glyphs& how) {
  std::string reasons;
  for (const auto& reason : one.reasons) reasons += (reasons.empty() ? "" : "; ") + reason;
  row out{};
  out.searched = one.key + '\n' + reasons;
  out.cells = {
      {distance_text(one.completed_at, now), style::plain, -seconds_between(one.completed_at, now)},
      figure(one.lines_rejected),
      {std::to_string(one.id), style::faint, static_cast<double>(one.id)},
      {shown(one.key, how)},
      {shown(reasons, how)}};
  return out;
}

/// What the table cuts, in full.
void add_details(table& to) {
  for (auto& one : to.rows) {
    for (std::size_t at = 0; at < to.columns.size(); ++at) {
      one.details.emplace_back(to.columns[at].name, one.cells[at].text);
    }
  }
}

std::string latest_of(std::size_t shown_now, std::uint64_t all) {
  if (all <= shown_now) return {};
  return "the latest " + telemetry::with_separators(shown_now) + " of " +
         telemetry::with_separators(all);
}

}  // namespace

std::string_view title_of(pane which) {
  switch (which) {
    case pane::replicas:
      return "Replicas";
    case pane::files:
      return "Files at work";
    case pane::failures:
      return "Failures";
    case pane::rejects:
      return "Rejected lines";
  }
  return {};
}

std::span<const column> columns_in(pane which) {
  switch (which) {
    case pane::replicas:
      return replica_columns;
    case pane::files:
      return file_columns;
    case pane::failures:
      return failure_columns;
    case pane::rejects:
      return reject_columns;
  }
  return {};
}

std::string_view own_order_of(pane which) {
  switch (which) {
    case pane::replicas:
      return "by name";
    case pane::files:
      return "by replica";
    case pane::failures:
    case pane::rejects:
      return "latest first";
  }
  return {};
}

table table_of(pane which, const ledger_figures& figures, timestamp now, std::size_t bar_columns,
               const glyphs& how) {
  table out{columns_in(which), {}};
  switch (which) {
    case pane::replicas:
      for (const auto& one : figures.replicas) out.rows.push_back(replica_row(one, now, how));
      break;
    case pane::files:
      out.rows = file_rows(figures, bar_columns, how);
      break;
    case pane::failures:
      for (const auto& one : figures.failures) out.rows.push_back(failure_row(one, now, how));
      break;
    case pane::rejects:
      for (const auto& one : figures.rejects) out.rows.push_back(reject_row(one, now, how));
      break;
  }
  add_details(out);
  return out;
}

std::string remark_on(pane which, const ledger_figures& figures, timestamp now) {
  switch (which) {
    case pane::failures:
      return latest_of(figures.failures.size(), figures.files.failed);
    case pane::files: {
      const auto idle = fleet_of(figures, now).idle;
      return idle == 0 ? std::string{} : counted(idle, "fetcher idle", "fetchers idle");
    }
    case pane::replicas:
    case pane::rejects:
      return {};
  }
  return {};
}

}  // namespace ingestor::top
