#include "telemetry/figures.hpp"
#include "telemetry/page/sections.hpp"
#include "telemetry/page/text.hpp"
#include "telemetry/page/verdict.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ingestor::telemetry::page {
namespace {

std::string trouble(std::string_view what, const std::optional<ongoing_trouble>& ongoing) {
  if (!ongoing) return {};
  return "<li class=\"bad\"><b>" + std::string{what} + ", for " + span_text(ongoing->seconds) +
         ":</b> <span class=\"why\">" + prose(ongoing->error, error_html_bytes_max) +
         "</span></li>\n";
}

std::size_t dead_replicas(const ledger_figures& ledger) {
  return static_cast<std::size_t>(std::ranges::count_if(ledger.replicas, [](const auto& one) {
    return one.report.has_value() && !one.report->alive();
  }));
}

double age_of(const ledger_figures& ledger, timestamp now) {
  const std::chrono::duration<double> age = now - ledger.taken_at;
  return age.count();
}

std::string concerns_of_ledger(const ledger_figures& ledger, timestamp now) {
  std::string out;
  if (age_of(ledger, now) > ledger_age_seconds_fine) {
    out += "<li class=\"wait\"><b>The ledger's figures are old:</b> they were read " +
           relative_time(ledger.taken_at, now) + ".</li>\n";
  }
  if (ledger.files.failed != 0) {
    out += "<li><b class=\"bad\">" + counted(ledger.files.failed, "file has", "files have") +
           " failed.</b> <a href=\"#failed\">Why, and what is done about it</a></li>\n";
  }
  if (const auto dead = dead_replicas(ledger); dead != 0) {
    out += "<li><b class=\"bad\">" + counted(dead, "replica is", "replicas are") +
           " dead.</b> <a href=\"#replicas\">Which, and what it held</a></li>\n";
  }
  if (ledger.objects_changed != 0) {
    out += "<li><b class=\"wait\">" +
           counted(ledger.objects_changed, "object has", "objects have") +
           " changed since they were loaded</b>, and were left alone.</li>\n";
  }
  return out;
}

std::string concerns(const snapshot& now) {
  auto out = trouble("Database", now.database) + trouble("S3", now.s3);
  if (now.ledger != nullptr) out += concerns_of_ledger(*now.ledger, now.now);
  if (now.loop_lag_max_seconds >= loop_lag_seconds_high) {
    out += "<li><b class=\"wait\">The event loop was late by " + delay(now.loop_lag_max_seconds) +
           "</b> in the last minute: this machine is busy, or stops this process.</li>\n";
  }
  return out.empty() ? out : "<ul>\n" + out + "</ul>\n";
}

std::string tile(std::string_view what, std::string_view figure, std::string_view below = {},
                 std::string_view css = {}) {
  auto content = std::string{figure};
  if (!below.empty()) content += element("small", below);
  return "<div>" + element("dt", what) + element("dd", content, css) + "</div>\n";
}

std::string tile(std::string_view what, std::uint64_t figure, std::string_view css = {}) {
  return tile(what, with_separators(figure), {}, css);
}

std::uint64_t whole(double value) {
  return std::isfinite(value)
             ? static_cast<std::uint64_t>(std::llround(std::clamp(value, 0.0, 1e15)))
             : 0;
}

std::string relative_or_none(const std::optional<timestamp>& at, timestamp now) {
  return at ? relative_time(*at, now) : "–";
}

std::string latest_lag(const history* last_hour, timestamp now) {
  if (last_hour == nullptr) return tile("Commit lag", "–");
  for (auto i = last_hour->size(); i-- > 0;) {
    const auto& sample = (*last_hour)[i];
    if (!sample.commit_lag_seconds) continue;
    return tile("Commit lag", span_text(*sample.commit_lag_seconds),
                "seen " + relative_time(sample.at, now));
  }
  return tile("Commit lag", "–", "no recent commit");
}

std::string all_speed_tiles(const snapshot& now) {
  const auto all = speed_of_all(now);
  const auto of =
      all.replicas == 1 ? std::string{"1 replica"} : with_separators(all.replicas) + " replicas";
  return tile("Rows/s now", with_separators(whole(all.rows_per_second)), of) +
         tile("Read from S3 now", bytes(whole(all.bytes_per_second)) + "/s", of);
}

}  // namespace

std::string hero(const snapshot& now) {
  const auto said = judge(now);
  return "<section class=\"hero " + std::string{said.tone} +
         "\" id=\"top\" aria-labelledby=\"state\">\n<h2 id=\"state\" aria-live=\"polite\">" +
         std::string{said.headline} + "</h2>\n<p id=\"detail\">" +
         prose(said.detail, error_html_bytes_max) + "</p>\n" + concerns(now) +
         "<p class=\"quiet\"><span id=\"as-of\">As of " + clock_time(now.now) +
         ".</span> <span class=\"live-mark dot\">Updates by itself</span></p>\n</section>\n";
}

std::string tiles(const snapshot& now) {
  if (now.ledger == nullptr) return {};
  const auto& ledger = *now.ledger;
  const auto& files = ledger.files;
  const auto waiting =
      ledger.oldest_pending_age ? "oldest: " + span_text(*ledger.oldest_pending_age) : "files";
  return "<h2 class=\"hidden\">All replicas</h2>\n<dl class=\"tiles\">\n" +
         tile("Waiting", with_separators(files.pending), waiting) +
         tile("Being loaded", with_separators(files.processing), "files") +
         tile("Completed", with_separators(files.completed), "files") +
         tile("Failed", with_separators(files.failed), "files", files.failed == 0 ? "" : "bad") +
         tile("Rows", with_separators(ledger.rows), "in all") +
         tile("Rejected", with_separators(ledger.lines_rejected), "lines in all") +
         all_speed_tiles(now) + latest_lag(now.last_hour, now.now) +
         tile("Newest row", relative_or_none(ledger.newest_row_at, now.now), "by its own time") +
         tile("Last commit", relative_or_none(ledger.last_completed_at, now.now)) +
         tile("Event loop late", delay(now.loop_lag_max_seconds), "most, in a minute") + "</dl>\n";
}

std::string process(const snapshot& now, const totals& done) {
  const auto rate = per_second(done.rows, now.own.uptime_seconds);
  return "<section aria-labelledby=\"process\"><h2 id=\"process\">This replica <small>since it "
         "started, " +
         span_text(now.own.uptime_seconds) + " ago</small></h2>\n<dl class=\"tiles small\">\n" +
         tile("Files completed", done.files_completed) +
         tile("Files failed", done.files_failed, done.files_failed == 0 ? "" : "bad") +
         tile("Rows", done.rows) + tile("Rows/s on average", whole(rate)) +
         tile("Read from S3", bytes(done.bytes_compressed)) +
         tile("Inflated", bytes(done.bytes_inflated)) + "</dl></section>\n";
}

}  // namespace ingestor::telemetry::page
