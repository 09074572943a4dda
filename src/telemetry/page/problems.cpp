#include "telemetry/escape.hpp"
#include "telemetry/figures.hpp"
#include "telemetry/page/retry_command.hpp"
#include "telemetry/page/sections.hpp"
#include "telemetry/page/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <functional>
#include <span>

namespace ingestor::telemetry::page {
namespace {

struct stage_text {
  std::string_view stage;
  std::string_view text;
};

/// A stage as the ledger names it.
std::string_view where_it_failed(std::string_view stage) {
  constexpr stage_text known[] = {{"fetch", "while it was fetched from S3"},
                                  {"inflate", "while it was inflated"},
                                  {"decode", "while its lines were read"},
                                  {"write", "while its rows were written"}};
  for (const auto& one : known) {
    if (one.stage == stage) return one.text;
  }
  return {};
}

/// What a reason's code means; `code: detail` otherwise.
std::string_view meaning_of(std::string_view code) {
  constexpr stage_text known[] = {{"not_json", "not JSON"},
                                  {"not_an_object", "JSON, but not an object"},
                                  {"invalid_utf8", "not valid UTF-8"},
                                  {"too_long", "longer than INGESTOR_MAX_LINE"},
                                  {"too_deep", "nested too deeply"},
                                  {"number_out_of_range", "a number out of range"},
                                  {"refused_by_database", "refused by the database"}};
  for (const auto& one : known) {
    if (one.stage == code) return one.text;
  }
  return {};
}

std::string outlook(const failed_file& file, timestamp now) {
  if (!file.next_attempt_at) return "<b class=\"bad\">Stays failed</b>: no attempt is left.";
  if (*file.next_attempt_at <= now) return "Due to be tried again.";
  return "Tried again " + relative_time(*file.next_attempt_at, now) + ".";
}

std::string way_back(const failed_file& file) {
  const std::string_view when = file.next_attempt_at ? "At once: " : "Bring it back: ";
  const auto command = retry_command(file.key);
  return std::string{when} +
         (command ? "<code>" + html(*command) + "</code>"
                  : std::string{"<code>ingestor retry --all</code>, with all that have failed"});
}

std::string failure(const failed_file& file, timestamp now) {
  std::string meta;
  if (const auto where = where_it_failed(file.stage); !where.empty()) {
    meta += "Failed " + std::string{where} + ". ";
  } else if (!file.stage.empty()) {
    meta += "Failed in: " + prose(file.stage, name_html_bytes_max) + ". ";
  }
  if (file.attempts != 0) meta += counted(file.attempts, "attempt", "attempts") + " so far. ";
  meta += outlook(file, now);
  if (file.id != 0) meta += fmt::format(" File {} of the ledger.", file.id);
  return fmt::format("<li{}><h3>", file.id == 0 ? "" : fmt::format(" id=\"failed-{}\"", file.id)) +
         name(file.key, key_html_bytes_max) + "</h3>\n" +
         element("p",
                 file.error.empty() ? "No reason was recorded."
                                    : prose(file.error, error_html_bytes_max),
                 "bad why") +
         "\n" + element("p", meta, "meta") + "\n" + element("p", way_back(file), "meta") +
         "</li>\n";
}

std::string reason(std::string_view text) {
  const auto code = text.substr(0, text.find(':'));
  const auto meaning = meaning_of(code);
  if (meaning.empty()) return prose(text, reason_html_bytes_max);
  auto detail = text.substr(std::min(text.size(), code.size() + 1));
  while (detail.starts_with(' ')) detail.remove_prefix(1);
  auto out = std::string{meaning};
  if (!detail.empty()) out += ": " + prose(detail, reason_html_bytes_max);
  return out;
}

std::string rejecting(const rejecting_file& file, timestamp now) {
  std::string out =
      fmt::format("<li{}><h3>", file.id == 0 ? "" : fmt::format(" id=\"rejects-{}\"", file.id)) +
      name(file.key, key_html_bytes_max) + "</h3>\n<p class=\"meta\">" +
      counted(file.lines_rejected, "line", "lines") + " rejected; the others were loaded " +
      relative_time(file.completed_at, now) + ".";
  if (file.id != 0) out += fmt::format(" File {} of the ledger.", file.id);
  out += "</p>\n";
  if (file.reasons.empty()) return out + "</li>\n";
  out += "<ul>\n";
  const auto shown = std::min(file.reasons.size(), reasons_shown_max);
  for (std::size_t i = 0; i < shown; ++i) out += element("li", reason(file.reasons[i])) + "\n";
  if (shown < file.reasons.size()) {
    out += element("li", "and " + counted(file.reasons.size() - shown, "other", "others"));
  }
  return out + "</ul></li>\n";
}

std::string by_reason(const totals& done) {
  auto reasons = done.rejected_by_reason;
  std::ranges::stable_sort(reasons, std::greater{}, [](const auto& one) { return one.second; });
  std::string rows;
  for (const auto& [code, lines] : reasons) {
    if (lines == 0) continue;
    const auto meaning = meaning_of(code);
    rows += "<tr><th scope=\"row\">" +
            (meaning.empty() ? prose(code, name_html_bytes_max) : std::string{meaning}) +
            "</th><td class=\"number\">" + with_separators(lines) + "</td></tr>\n";
  }
  if (rows.empty()) {
    return "<p class=\"empty\">This replica has rejected no line since it started.</p>\n";
  }
  return "<table><caption>By reason: this replica, since it started</caption>\n<thead><tr><th "
         "scope=\"col\">Reason</th><th scope=\"col\" class=\"number\">Lines</th></tr></thead>\n"
         "<tbody>\n" +
         rows + "</tbody></table>\n";
}

std::string latest_of(std::size_t shown, std::uint64_t all, std::string_view what) {
  if (shown >= all) return {};
  return "<p class=\"more\">The latest " + with_separators(shown) + " of " + with_separators(all) +
         " " + std::string{what} + ".</p>\n";
}

}  // namespace

std::string failures(const snapshot& now) {
  if (now.ledger == nullptr) return {};
  const auto& ledger = *now.ledger;
  std::string out =
      "<section aria-labelledby=\"failed\"><h2 id=\"failed\">Failed files <small>of all "
      "replicas, the latest first</small></h2>\n";
  if (ledger.failures.empty()) {
    return out + "<p class=\"empty\">Nothing has failed.</p></section>\n";
  }
  const auto shown =
      std::span{ledger.failures}.first(std::min(ledger.failures.size(), failures_shown_max));
  out += "<ul class=\"list\">\n";
  for (const auto& file : shown) out += failure(file, now.now);
  return out + "</ul>\n" + latest_of(shown.size(), ledger.files.failed, "files that have failed") +
         "<p class=\"more\">Errors in full: <code>ingestor status --json</code></p></section>\n";
}

std::string rejects(const snapshot& now, const totals& done) {
  if (now.ledger == nullptr) return {};
  const auto& ledger = *now.ledger;
  std::string out =
      "<section aria-labelledby=\"rejected\"><h2 id=\"rejected\">Rejected lines <small>what could "
      "not be a row, kept whole in <code>rejected_line</code></small></h2>\n";
  if (ledger.rejects.empty() && ledger.lines_rejected == 0 && done.lines_rejected == 0) {
    return out + "<p class=\"empty\">Every line so far has become a row.</p></section>\n";
  }
  out += "<div class=\"beside\"><div>\n";
  if (ledger.rejects.empty()) {
    out += "<p class=\"empty\">No completed file has rejected lines.</p>\n";
  } else {
    const auto shown = std::min(ledger.rejects.size(), rejecting_files_shown_max);
    out += "<ul class=\"list\">\n";
    for (std::size_t i = 0; i < shown; ++i) out += rejecting(ledger.rejects[i], now.now);
    out += "</ul>\n";
  }
  return out + "</div><div>\n" + by_reason(done) + "</div></div></section>\n";
}

}  // namespace ingestor::telemetry::page
