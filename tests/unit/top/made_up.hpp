// A fleet that nobody has.
#pragma once

#include "terminal/screen.hpp"
#include "top/model.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::top {

inline const terminal::glyphs unicode = terminal::glyphs_of_utf8();
inline const terminal::glyphs ascii{false, unicode.columns_of};

inline timestamp at_noon() {
  using namespace std::chrono_literals;
  return timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}} + 12h;
}

inline telemetry::fetcher_report fetcher(telemetry::fetcher_stage stage, std::string key,
                                         std::uint64_t read, std::uint64_t of) {
  telemetry::fetcher_report out{};
  out.stage = stage;
  out.key = std::move(key);
  out.file_id = 17;
  out.files = out.key.empty() ? 0 : 1;
  out.bytes_read = read << 20U;
  out.bytes_total = of << 20U;
  out.rows = read * 1000;
  out.seconds = 4;
  return out;
}

inline telemetry::active_replica replica(std::string name, double age_seconds,
                                         double rows_per_second) {
  using enum telemetry::fetcher_stage;
  telemetry::replica_report said{};
  said.version = "0.1.0";
  said.state = "running";
  said.uptime_seconds = 7384;
  said.age_seconds = age_seconds;
  said.files_completed = 1234;
  said.files_failed = rows_per_second > 20'000 ? 2 : 0;
  said.rows = 12'345'678;
  said.rows_per_second = rows_per_second;
  said.bytes_per_second = rows_per_second * 100;
  said.fetchers = {fetcher(load, "app/" + name + "/2026-01-01T00.log.gz", 12, 40),
                   fetcher(write, "app/" + name + "/2026-01-01T01.log.gz", 39, 40),
                   fetcher(idle, "", 0, 0)};
  telemetry::active_replica out{};
  out.name = std::move(name);
  out.files = 2;
  out.lease_expires_at = at_noon() + std::chrono::seconds{45};
  out.report = std::move(said);
  return out;
}

inline telemetry::failed_file failure(std::string key, std::string error) {
  telemetry::failed_file out{};
  out.id = 4711;
  out.key = std::move(key);
  out.error = std::move(error);
  out.stage = "inflate";
  out.attempts = 3;
  out.next_attempt_at = at_noon() + std::chrono::seconds{90};
  return out;
}

inline telemetry::rejecting_file rejecting(std::string key) {
  telemetry::rejecting_file out{};
  out.id = 815;
  out.key = std::move(key);
  out.lines_rejected = 12;
  out.completed_at = at_noon() - std::chrono::minutes{3};
  out.reasons = {"not_json: unexpected end", "too_long: 17 MiB"};
  return out;
}

inline telemetry::ledger_figures a_fleet() {
  telemetry::ledger_figures out{};
  out.files = {1234, 4, 98'765, 25};
  out.oldest_pending_age = 59;
  out.rows = 1'234'567'890;
  out.lines_rejected = 12;
  out.newest_row_at = at_noon() - std::chrono::seconds{4};
  out.last_completed_at = at_noon() - std::chrono::seconds{2};
  out.failures = {failure("app/broken.log.gz", "the gzip stream ends early, at byte 1,234"),
                  failure("app/hidden.log.gz", "403 AccessDenied: no right to read it")};
  out.failures.back().next_attempt_at.reset();
  out.rejects = {rejecting("app/bad-lines.log.gz")};
  out.replicas = {replica("web-1", 1, 15'000), replica("web-2", 2, 30'000),
                  replica("web-3", 75, 9'000)};
  out.taken_at = at_noon();
  return out;
}

inline seen a_moment() {
  seen out{};
  out.source = "s3://my-logs/production/";
  out.database = "db.example:5432/logs";
  out.figures = a_fleet();
  out.at = at_noon();
  return out;
}

/// As it would be on the screen.
inline std::vector<std::string> lines_of(const terminal::frame& drawn) {
  std::vector<std::string> out;
  for (const auto& line : drawn) {
    std::string text;
    for (const auto& span : line.spans) text += span.text;
    text.resize(text.find_last_not_of(' ') + 1);
    out.push_back(std::move(text));
  }
  return out;
}

inline std::string text_of(const terminal::frame& drawn) {
  std::string out;
  for (const auto& line : lines_of(drawn)) out += line + '\n';
  return out;
}

/// The lines from the one that holds `text` on.
inline std::vector<std::string> lines_from(const terminal::frame& drawn, std::string_view text) {
  auto lines = lines_of(drawn);
  const auto found = std::ranges::find_if(
      lines, [&](const std::string& line) { return line.find(text) != line.npos; });
  lines.erase(lines.begin(), found);
  return lines;
}

inline seen with_replicas(int count) {
  auto now = a_moment();
  now.figures->replicas.clear();
  for (int i = 0; i < count; ++i) {
    now.figures->replicas.push_back(replica("web-" + std::to_string(100 + i), 1, 1000.0 * i));
  }
  return now;
}

/// Each character is a key; these stand for others: `\r` enter, `\x1b` escape, `\b` backspace,
/// `\t` tab, `v` down, `^` up.
inline wish press(model& to, std::string_view keys) {
  auto out = wish::nothing;
  for (const char c : keys) {
    using enum terminal::key_name;
    terminal::key one{character, static_cast<char32_t>(c)};
    if (c == '\r') one = {enter};
    if (c == '\x1b') one = {escape};
    if (c == '\b') one = {backspace};
    if (c == '\t') one = {tab};
    if (c == 'v') one = {down};
    if (c == '^') one = {up};
    out = to.press(one);
  }
  return out;
}

}  // namespace ingestor::top
