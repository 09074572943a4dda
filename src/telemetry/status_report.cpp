#include "telemetry/status_report.hpp"

#include "base/utf8.hpp"
#include "telemetry/escape.hpp"
#include "telemetry/figures.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>

namespace ingestor::telemetry {
namespace {

constexpr std::string_view item_indent = "  ";
constexpr std::string_view detail_indent = "      ";

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return with_separators(count).append(" ").append(count == 1 ? one : many);
}

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

/// Words in lines of report_columns at most, each behind the indent.
void append_wrapped(std::string& out, std::string_view text) {
  std::size_t used = report_columns;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    const auto wide = columns_of(word);
    const bool fits = used + 1 + wide <= report_columns;
    if (!fits && used != report_columns) out += '\n';
    out.append(fits ? " " : detail_indent).append(word);
    used = std::min(fits ? used + 1 + wide : detail_indent.size() + wide, report_columns - 1);
  }
  out += '\n';
}

std::string reason(const failed_file& file) {
  std::string out = file.stage.empty() ? "failed" : printable(file.stage);
  if (file.attempts != 0) out += ", attempt " + with_separators(file.attempts);
  if (file.error.empty()) return out + ": no reason was recorded";
  const auto start = storable_text(file.error, reported_error_bytes_max);
  return out + ": " + printable(start) + (file.error.size() > start.size() ? "…" : "");
}

std::string outlook(const failed_file& file, timestamp now) {
  if (!file.next_attempt_at) return "stays failed until `ingestor retry`";
  const std::chrono::duration<double> wait = *file.next_attempt_at - now;
  if (wait.count() <= 0) return "is due to be tried again";
  return "is tried again in " + span_text(wait.count()) + ", at " +
         time_text(*file.next_attempt_at);
}

std::string overwritten_text(const ledger_figures& seen) {
  if (seen.objects_changed == 0) return {};
  return "overwritten " + with_separators(seen.objects_changed) +
         ", changed since they were completed\n";
}

std::string figures_text(const ledger_figures& seen) {
  const auto& files = seen.files;
  auto out = "pending     " + with_separators(files.pending);
  if (seen.oldest_pending_age) out += ", the oldest for " + span_text(*seen.oldest_pending_age);
  const auto newest =
      seen.newest_row_at ? "newest row  " + time_text(*seen.newest_row_at) + "\n" : std::string{};
  return out + "\nprocessing  " + with_separators(files.processing) + "\ncompleted   " +
         with_separators(files.completed) + "\nfailed      " + with_separators(files.failed) +
         "\nrows        " + with_separators(seen.rows) + "\n" + newest + "rejected    " +
         counted(seen.lines_rejected, "line", "lines") + "\n" + overwritten_text(seen);
}

std::string failures_text(const ledger_figures& seen) {
  if (seen.failures.empty()) return {};
  std::string out = seen.files.failed > seen.failures.size()
                        ? "\nthe latest " + with_separators(seen.failures.size()) + " of " +
                              with_separators(seen.files.failed) + " failed files\n"
                        : "\nfailed files, the latest first\n";
  for (const auto& file : seen.failures) {
    out.append(item_indent).append(printable(file.key)) += '\n';
    append_wrapped(out, reason(file));
    append_wrapped(out, outlook(file, seen.taken_at));
  }
  return out;
}

std::string rejects_text(const ledger_figures& seen) {
  if (seen.rejects.empty()) return {};
  std::string out = "\nfiles with rejected lines, the latest first\n";
  for (const auto& file : seen.rejects) {
    out.append(item_indent).append(printable(file.key)) += '\n';
    append_wrapped(out, counted(file.lines_rejected, "line", "lines"));
    for (const auto& reason : file.reasons) {
      append_wrapped(out, printable(storable_text(reason, reported_error_bytes_max)));
    }
  }
  return out;
}

std::string report_text(const replica_report& report) {
  if (!report.alive()) return "silent for " + span_text(report.age_seconds);
  const auto rate = static_cast<std::uint64_t>(std::max(0.0, report.rows_per_second));
  return printable(report.state) + " for " + span_text(report.uptime_seconds) + ", " +
         with_separators(rate) + " rows/s, version " + printable(report.version);
}

std::string replicas_text(const ledger_figures& seen) {
  if (seen.replicas.empty()) return {};
  std::string out = "\nreplicas at work\n";
  for (const auto& one : seen.replicas) {
    out.append(item_indent).append(printable(one.name)) += '\n';
    auto holds = counted(one.files, "file", "files");
    if (one.lease_expires_at) {
      holds += *one.lease_expires_at < seen.taken_at ? ", lease ran out at " : ", lease until ";
      holds += time_text(*one.lease_expires_at);
    }
    append_wrapped(out, holds);
    if (one.report) append_wrapped(out, report_text(*one.report));
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text, std::numeric_limits<std::size_t>::max());
  return out;
}

std::string json_time(const std::optional<timestamp>& at) {
  if (!at) return "null";
  const auto day = std::chrono::floor<std::chrono::days>(*at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{*at - day};
  return fmt::format(R"("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z")",
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::string json_of(const failed_file& file) {
  return fmt::format(
      R"({{"bucket":{},"key":{},"error":{},"stage":{},"attempts":{},"next_attempt_at":{}}})",
      quoted(file.bucket), quoted(file.key), quoted(file.error), quoted(file.stage), file.attempts,
      json_time(file.next_attempt_at));
}

std::string json_of(const std::string& text) {
  return quoted(text);
}

std::string json_of(const rejecting_file& file);

std::string json_of(const replica_report& report) {
  return fmt::format(
      R"({{"version":{},"state":{},"alive":{},"age_seconds":{:.3f},"uptime_seconds":{:.3f},)"
      R"("rows":{},"rows_per_second":{:.3f},"bytes_per_second":{:.3f}}})",
      quoted(report.version), quoted(report.state), report.alive(), report.age_seconds,
      report.uptime_seconds, report.rows, report.rows_per_second, report.bytes_per_second);
}

/// `report` is there where the replica has told of itself.
std::string json_of(const active_replica& one) {
  return fmt::format(R"({{"name":{},"files":{},"lease_expires_at":{}{}}})", quoted(one.name),
                     one.files, json_time(one.lease_expires_at),
                     one.report ? ",\"report\":" + json_of(*one.report) : std::string{});
}

template <class Item>
std::string json_list(const std::vector<Item>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + json_of(item);
  return "[" + out + "]";
}

std::string json_of(const rejecting_file& file) {
  return fmt::format(
      R"({{"bucket":{},"key":{},"lines_rejected":{},"completed_at":{},"reasons":{}}})",
      quoted(file.bucket), quoted(file.key), file.lines_rejected, json_time(file.completed_at),
      json_list(file.reasons));
}

}  // namespace

std::string status_text(const ledger_figures& seen, std::string_view source) {
  return std::string{source} + "\nas of " + time_text(seen.taken_at) + "\n\n" + figures_text(seen) +
         failures_text(seen) + rejects_text(seen) + replicas_text(seen);
}

std::string status_json(const ledger_figures& seen) {
  const auto& files = seen.files;
  return fmt::format(
      R"({{"files":{{"pending":{},"processing":{},"completed":{},"failed":{}}},)"
      R"("overwritten":{},"oldest_pending_age_seconds":{},"rows":{},"lines_rejected":{},"newest_row_at":{},)"
      R"("last_completed_at":{},"failures":{},"rejects":{},"replicas":{}}})"
      "\n",
      files.pending, files.processing, files.completed, files.failed, seen.objects_changed,
      seen.oldest_pending_age ? fmt::format("{:.3f}", *seen.oldest_pending_age) : "null", seen.rows,
      seen.lines_rejected, json_time(seen.newest_row_at), json_time(seen.last_completed_at),
      json_list(seen.failures), json_list(seen.rejects), json_list(seen.replicas));
}

}  // namespace ingestor::telemetry
