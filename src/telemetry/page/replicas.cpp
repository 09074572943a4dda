#include "telemetry/figures.hpp"
#include "telemetry/page/sections.hpp"
#include "telemetry/page/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ingestor::telemetry::page {
namespace {

bool is_alive(const active_replica& one) {
  return one.report.has_value() && one.report->alive();
}

std::string state_word(std::string_view state) {
  if (state == "stopping") return "Stopping";
  if (state == "starting") return "Starting";
  return "Alive";
}

std::string state_of(const active_replica& one, bool own) {
  if (!one.report) {
    return "<span class=\"wait dot\">Unknown</span><small>holds files, and says nothing of "
           "itself</small>";
  }
  if (own) {
    return "<span class=\"good dot\">" + state_word(one.report->state) +
           "</span><small>the one you are looking at</small>";
  }
  const auto heard = span_text(one.report->age_seconds) + " ago";
  if (!one.report->alive()) {
    return "<span class=\"bad dot\">Dead</span><small>last heard of " + heard + "</small>";
  }
  return "<span class=\"good dot\">" + state_word(one.report->state) + "</span><small>heard of " +
         heard + "</small>";
}

std::string lease_of(const active_replica& one, timestamp now) {
  if (one.files == 0) return "none";
  auto out = counted(one.files, "file", "files");
  if (!one.lease_expires_at) return out;
  const bool over = *one.lease_expires_at <= now;
  return out + "<small>" + (over ? "lease ran out " : "lease ends ") +
         relative_time(*one.lease_expires_at, now) + "</small>";
}

std::string work_of(const active_replica& one) {
  if (!is_alive(one)) return "–";
  const auto& fetchers = one.report->fetchers;
  const auto busy =
      std::ranges::count_if(fetchers, [](const auto& each) { return each.files != 0; });
  return fmt::format("{} of {}", busy, fetchers.size());
}

std::string rate_of(const active_replica& one) {
  if (!is_alive(one)) return "–";
  const auto rate = std::llround(std::clamp(one.report->rows_per_second, 0.0, 1e12));
  return with_separators(static_cast<std::uint64_t>(rate));
}

std::string row(const active_replica& one, bool own, timestamp now) {
  return "<tr><th scope=\"row\" data-label=\"Replica\"><div>" + name(one.name) + "</div></th>" +
         cell("State", state_of(one, own)) + cell("Holds", lease_of(one, now)) +
         cell("Fetchers busy", work_of(one), "number") + cell("Rows/s", rate_of(one), "number") +
         cell("Up", is_alive(one) ? span_text(one.report->uptime_seconds) : "–", "number") +
         cell("Version", one.report ? prose(one.report->version, name_html_bytes_max) : "–",
              "number") +
         "</tr>\n";
}

/// What this process knows of itself is newer than what it has written into the ledger, if it has.
active_replica own_of(const snapshot& now) {
  active_replica own{now.replica, 0, std::nullopt, now.own};
  const auto& all = now.ledger->replicas;
  const auto written = std::ranges::find(all, now.replica, &active_replica::name);
  if (written == all.end()) return own;
  own.files = written->files;
  own.lease_expires_at = written->lease_expires_at;
  return own;
}

}  // namespace

std::string replicas(const snapshot& now) {
  if (now.ledger == nullptr) return {};
  const auto own = own_of(now);
  std::vector<const active_replica*> all{&own};
  for (const auto& one : now.ledger->replicas) {
    if (one.name != now.replica) all.push_back(&one);
  }
  const auto alive = static_cast<std::uint64_t>(
      std::ranges::count_if(all, [](const auto* one) { return is_alive(*one); }));
  std::string out =
      "<section aria-labelledby=\"replicas\"><h2 id=\"replicas\">Replicas <small>" +
      with_separators(alive) +
      " alive</small></h2>\n<table class=\"cards\"><caption class=\"hidden\">The replicas that "
      "load "
      "from this bucket into this database</caption>\n<thead><tr><th scope=\"col\">Replica</th><th "
      "scope=\"col\">State</th><th scope=\"col\">Holds</th><th scope=\"col\" "
      "class=\"number\">Fetchers busy</th><th scope=\"col\" class=\"number\">Rows/s</th><th "
      "scope=\"col\" class=\"number\">Up</th><th scope=\"col\" class=\"number\">Version</th></tr>"
      "</thead>\n<tbody>\n";
  const auto shown = std::min(all.size(), replica_rows_max);
  for (std::size_t i = 0; i < shown; ++i) {
    out += row(*all[i], i == 0, now.ledger->taken_at);
  }
  out += "</tbody></table>\n";
  if (shown < all.size()) {
    out += element("p", counted(all.size() - shown, "more is", "more are") + " not shown.", "more");
  }
  return out + "</section>\n";
}

}  // namespace ingestor::telemetry::page
