#include "telemetry/status_page.hpp"

#include "telemetry/escape.hpp"
#include "telemetry/figures.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

namespace ingestor::telemetry {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--good:#1a7f37;--bad:#cf222e;--wait:#9a6700}
@media(prefers-color-scheme:dark){:root{--good:#3fb950;--bad:#f85149;--wait:#d29922}}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:64rem;padding:2rem 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}.quiet{opacity:.7}
.state{font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}.wait{color:var(--wait)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:0}
dl>div{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
dt{font-size:.85rem;opacity:.7}dd{margin:0;font-size:1.3rem;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
td{overflow-wrap:anywhere}tr:hover td{background:var(--soft)}
)";

std::string tag(std::string_view name, std::string_view text, std::string_view css = {}) {
  std::string out{"<"};
  out.append(name);
  if (!css.empty()) out.append(" class=\"").append(css).append("\"");
  out += '>';
  append_html(out, text);
  return out.append("</").append(name).append(">");
}

std::string tile(std::string_view name, std::string_view figure) {
  return "<div>" + tag("dt", name) + tag("dd", figure) + "</div>\n";
}

std::string tile(std::string_view name, std::uint64_t figure) {
  return tile(name, with_separators(figure));
}

std::string head() {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
         "<meta http-equiv=\"refresh\" content=\"" +
         std::to_string(page_reload_interval) +
         "\">\n<meta http-equiv=\"Content-Security-Policy\" "
         "content=\"default-src 'none';style-src 'unsafe-inline'\">\n"
         "<title>Ingestor</title>\n<style>" +
         std::string{style} + "</style></head>\n<body>\n";
}

/// One sentence that answers "what is it doing".
std::string activity(const snapshot& now) {
  if (now.state == run_state::stopping) return tag("p", "Stopping.", "state wait");
  if (now.s3 || now.database) {
    return tag("p", "In trouble: it is tried again after a pause, and goes on when this is over.",
               "state bad");
  }
  if (now.state == run_state::starting || !now.ledger) {
    return tag("p", "Starting.", "state wait");
  }
  const auto& files = now.ledger->files;
  if (files.processing != 0) return tag("p", "Loading files.", "state good");
  if (files.pending != 0) return tag("p", "Files are waiting to be claimed.", "state wait");
  if (files.failed != 0) {
    return tag("p", "Waiting for new files; some have failed.", "state wait");
  }
  return tag("p", "Up to date: waiting for new files.", "state good");
}

std::string trouble(std::string_view what, const std::optional<ongoing_trouble>& ongoing) {
  if (!ongoing) return {};
  return tag("p",
             std::string{what} + ", for " + span_text(ongoing->seconds) + ": " + ongoing->error,
             "bad") +
         "\n";
}

std::string ledger_tiles(const ledger_figures& ledger) {
  const auto& age = ledger.oldest_pending_age;
  return "<h2>Files, all replicas</h2>\n<dl>\n" + tile("pending", ledger.files.pending) +
         tile("processing", ledger.files.processing) + tile("completed", ledger.files.completed) +
         tile("failed", ledger.files.failed) + tile("rows", ledger.rows) +
         tile("lines rejected", ledger.lines_rejected) +
         tile("oldest pending", age ? span_text(*age) : "none") +
         (ledger.objects_changed == 0 ? std::string{}
                                      : tile("changed since completed", ledger.objects_changed)) +
         "</dl>\n" + tag("p", "As of " + time_text(ledger.taken_at) + ".", "quiet") + "\n";
}

std::string process_tiles(const totals& done, double uptime_seconds) {
  const auto rate = std::llround(per_second(done.rows, uptime_seconds));
  return "<h2>This replica, since it started</h2>\n<dl>\n" +
         tile("files completed", done.files_completed) + tile("files failed", done.files_failed) +
         tile("rows", done.rows) + tile("rows/s", static_cast<std::uint64_t>(rate)) +
         tile("lines rejected", done.lines_rejected) +
         tile("read", mebibytes(done.bytes_compressed)) +
         tile("inflated", mebibytes(done.bytes_inflated)) + tile("up", span_text(uptime_seconds)) +
         "</dl>\n";
}

std::string failure_row(const failed_file& file) {
  return "<tr>" + tag("td", "s3://" + file.bucket + "/" + file.key) + tag("td", file.stage) +
         tag("td", file.error) + tag("td", with_separators(file.attempts)) +
         tag("td",
             file.next_attempt_at ? time_text(*file.next_attempt_at) : "after `ingestor retry`") +
         "</tr>\n";
}

std::string failures(std::span<const failed_file> files) {
  if (files.empty()) return {};
  std::string out =
      "<h2>Latest failures</h2>\n<div class=\"wide\"><table>\n<tr><th>file</th><th>stage</th>"
      "<th>error</th><th>attempts</th><th>next attempt</th></tr>\n";
  for (const auto& file : files.first(std::min(files.size(), failures_shown_max))) {
    out += failure_row(file);
  }
  return out + "</table></div>\n";
}

std::string replicas(std::span<const active_replica> all) {
  if (all.empty()) return {};
  std::string out =
      "<h2>Replicas at work</h2>\n<div class=\"wide\"><table>\n<tr><th>replica</th><th>files</th>"
      "<th>lease until</th></tr>\n";
  for (const auto& one : all.first(std::min(all.size(), replicas_shown_max))) {
    out += "<tr>" + tag("td", one.name) + tag("td", with_separators(one.files)) +
           tag("td", one.lease_expires_at ? time_text(*one.lease_expires_at) : "none") + "</tr>\n";
  }
  return out + "</table></div>\n";
}

}  // namespace

std::string status_page(const snapshot& now, const totals& done) {
  auto out = head() + tag("h1", "Ingestor") + "\n" + activity(now) + "\n";
  out += trouble("Database", now.database) + trouble("S3", now.s3);
  out +=
      tag("p", now.source + " · " + now.replica + " · version " + now.own.version, "quiet") + "\n";
  if (now.ledger) out += ledger_tiles(*now.ledger);
  out += process_tiles(done, now.own.uptime_seconds);
  if (now.ledger) out += failures(now.ledger->failures) + replicas(now.ledger->replicas);
  return out + "<p class=\"quiet\"><a href=\"metrics\">metrics</a></p>\n</body></html>\n";
}

}  // namespace ingestor::telemetry
