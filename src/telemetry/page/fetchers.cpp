#include "telemetry/figures.hpp"
#include "telemetry/page/charts.hpp"
#include "telemetry/page/sections.hpp"
#include "telemetry/page/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace ingestor::telemetry::page {
namespace {

struct stage_words {
  std::string_view text;
  std::string_view tone;
};

stage_words words_of(fetcher_stage stage, bool in_trouble) {
  switch (stage) {
    case fetcher_stage::claim:
      return {"Waits for a database connection", "wait"};
    case fetcher_stage::fetch:
      return {"Waits for S3", "wait"};
    case fetcher_stage::load:
      return {"Reads and writes", "good"};
    case fetcher_stage::write:
      return {"Waits for the database", "wait"};
    case fetcher_stage::commit:
      return {"Commits", "good"};
    case fetcher_stage::idle:
      break;
  }
  return {in_trouble ? "Waits until the trouble is over" : "Waits for files", "quiet"};
}

std::string file_of(const fetcher_report& one) {
  if (one.files == 0 && one.key.empty()) return "–";
  auto out = one.key.empty() ? std::string{} : name(one.key, fetcher_key_html_bytes_max);
  std::string more;
  if (one.file_id != 0) more = fmt::format("file {} of the ledger", one.file_id);
  if (one.files > 1) {
    if (!more.empty()) more += "; ";
    more += with_separators(one.files_read) + " of " + with_separators(one.files) +
            " files of its group read";
  }
  return more.empty() ? out : out + element("small", more);
}

std::string progress_of(const fetcher_report& one, std::size_t number) {
  if (one.bytes_total == 0) return "–";
  const auto read = std::min(one.bytes_read, one.bytes_total);
  // Rounded down: 100 % is said when all is read.
  const auto percent =
      static_cast<int>(static_cast<double>(read) * 100.0 / static_cast<double>(one.bytes_total));
  return fmt::format(
      "<progress max=\"100\" value=\"{0}\" aria-label=\"Fetcher {1}: read so far\">{0} %</progress>"
      "<small>{0} % of {2}</small>",
      percent, number, bytes(one.bytes_total));
}

std::string rows_of(const fetcher_report& one) {
  if (one.files == 0) return "–";
  const auto rate = std::llround(per_second(one.rows, one.seconds));
  return with_separators(one.rows) +
         element("small", with_separators(static_cast<std::uint64_t>(rate)) + "/s");
}

std::string row(const fetcher_report& one, std::size_t number, bool in_trouble) {
  const auto [text, tone] = words_of(one.stage, in_trouble);
  return fmt::format("<tr><th scope=\"row\" data-label=\"Fetcher\">{}</th>", number) +
         cell("Doing", element("span", text, std::string{tone} + " dot")) +
         cell("File", file_of(one)) + cell("Read", progress_of(one, number)) +
         cell("Rows", rows_of(one), "number") +
         cell("For", one.files == 0 ? "–" : span_text(one.seconds), "number") + "</tr>\n";
}

}  // namespace

std::string last_hour(const snapshot& now) {
  if (now.last_hour == nullptr) return {};
  return "<section aria-labelledby=\"hour\"><h2 id=\"hour\">The last hour <small>of this "
         "replica; files waiting: of all</small></h2>\n" +
         charts(*now.last_hour, now.now) + "</section>\n";
}

std::string fetchers(const snapshot& now) {
  const auto& all = now.own.fetchers;
  const auto busy = static_cast<std::uint64_t>(
      std::ranges::count_if(all, [](const auto& one) { return one.files != 0; }));
  std::string out = "<section aria-labelledby=\"now\"><h2 id=\"now\">What it is doing now <small>" +
                    with_separators(busy) + " of " + counted(all.size(), "fetcher", "fetchers") +
                    " of this replica at work</small></h2>\n";
  if (all.empty()) return out + "<p class=\"empty\">No fetcher has begun yet.</p></section>\n";
  const bool in_trouble = now.s3.has_value() || now.database.has_value();
  out +=
      "<table class=\"cards fetchers\"><caption class=\"hidden\">The fetchers of this replica, and "
      "what each is doing</caption>\n<thead><tr><th scope=\"col\">No.</th><th "
      "scope=\"col\">Doing</th><th scope=\"col\">File</th><th scope=\"col\">Read</th><th "
      "scope=\"col\" class=\"number\">Rows</th><th scope=\"col\" class=\"number\">For</th></tr>"
      "</thead>\n<tbody>\n";
  const auto shown = std::min(all.size(), fetchers_shown_max);
  for (std::size_t i = 0; i < shown; ++i) out += row(all[i], i + 1, in_trouble);
  out += "</tbody></table>\n";
  if (shown < all.size()) {
    out += element("p", counted(all.size() - shown, "more is", "more are") + " not shown.", "more");
  }
  return out + "</section>\n";
}

}  // namespace ingestor::telemetry::page
