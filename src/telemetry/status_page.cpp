#include "telemetry/status_page.hpp"

#include "telemetry/page/assets.hpp"
#include "telemetry/page/policy.hpp"
#include "telemetry/page/sections.hpp"
#include "telemetry/page/text.hpp"
#include "telemetry/page/verdict.hpp"

#include <spdlog/fmt/fmt.h>

namespace ingestor::telemetry {
namespace {

/// Three lines that become rows, in the colour of how things are.
std::string icon(std::string_view tone) {
  const std::string_view colour = tone == "good" ? "1f9d4d" : tone == "wait" ? "c98500" : "d92d3a";
  return fmt::format(
      "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
      "%3Cpath fill='%23{}' d='M0 1h10v3H0zM0 6.5h16v3H0zM0 12h13v3H0z'/%3E%3C/svg%3E",
      colour);
}

std::string head(const page::verdict& said) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<noscript><meta http-equiv=\"refresh\" content=\"{}\"></noscript>\n"
      "<title>{} – Ingestor</title>\n<link rel=\"icon\" id=\"icon\" href=\"{}\">\n"
      "<style>{}</style></head>\n",
      page_reload_interval, said.headline, icon(said.tone), page::style);
}

std::string masthead(const snapshot& now) {
  return "<header><h1><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path "
         "d=\"M0 1h10v3H0zM0 6.5h16v3H0zM0 12h13v3H0z\"/></svg>Ingestor</h1>\n<p>" +
         page::name(now.source, page::key_html_bytes_max) + "</p><p>" + page::name(now.replica) +
         ", version " + page::prose(now.own.version, page::name_html_bytes_max) +
         "</p>\n<nav aria-label=\"Other views\"><a href=\"metrics\">Metrics</a></nav></header>\n";
}

}  // namespace

std::string status_page(const snapshot& now, const totals& done) {
  auto out = head(page::judge(now));
  out += "<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n" + masthead(now) +
         "<main id=\"main\">\n";
  out += page::hero(now) + page::tiles(now) + page::fetchers(now) + page::last_hour(now) +
         page::failures(now) + page::rejects(now, done) + page::replicas(now) +
         page::process(now, done);
  out +=
      "</main>\n<footer>The whole fleet in a terminal: <code>ingestor top</code>. Times are in "
      "UTC.</footer>\n<script>";
  return out.append(page::script).append("</script>\n</body></html>\n");
}

const std::vector<std::pair<std::string, std::string>>& status_page_headers() {
  return page::protective_headers();
}

}  // namespace ingestor::telemetry
