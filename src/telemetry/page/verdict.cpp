#include "telemetry/page/verdict.hpp"

#include "telemetry/figures.hpp"
#include "telemetry/page/text.hpp"

#include <algorithm>
#include <cmath>

namespace ingestor::telemetry::page {
namespace {

/// Less says nothing: a few files come at once, and go one by one.
constexpr std::chrono::seconds trend_span_least{60};
/// Of the backlog: a change below this is none.
constexpr double trend_share_least = 0.02;

std::string backlog_text(const ledger_figures& ledger) {
  const auto& files = ledger.files;
  if (files.pending == 0) return "No file waits.";
  auto out = counted(files.pending, "file waits", "files wait");
  if (ledger.oldest_pending_age) {
    out += files.pending == 1 ? ", for " : ", the oldest for ";
    out += span_text(*ledger.oldest_pending_age);
  }
  return out + ".";
}

std::string work_text(const snapshot& now) {
  const auto& files = now.ledger->files;
  if (files.processing == 0) return {};
  const auto all = speed_of_all(now);
  const auto rows = static_cast<std::uint64_t>(std::llround(std::max(0.0, all.rows_per_second)));
  return counted(files.processing, "file is", "files are") + " being loaded, " +
         with_separators(rows) + " rows/s. ";
}

verdict of_a_backlog(const snapshot& now) {
  const auto& ledger = *now.ledger;
  const auto growth =
      now.last_hour == nullptr ? std::nullopt : backlog_growth(*now.last_hour, now.now);
  const auto said = work_text(now) + backlog_text(ledger);
  if (ledger.oldest_pending_age.value_or(0) <= waiting_seconds_fine) {
    return {"good", "Keeping up", said};
  }
  if (growth && *growth < 0) {
    const auto left = static_cast<double>(ledger.files.pending) / -*growth;
    return {"good", "Catching up",
            said + " At the speed of the last minutes they are done in " + span_text(left) + "."};
  }
  if (growth && *growth > 0) {
    return {"bad", "Falling behind", said + " More files come than are loaded."};
  }
  if (ledger.files.processing == 0) {
    return {"wait", "Files are waiting", said + " None is being loaded."};
  }
  return {"wait", "Working through a backlog", said};
}

std::string idle_text(const snapshot& now) {
  const auto& files = now.ledger->files;
  if (files.completed == 0 && files.failed == 0) {
    return "No file was found yet. New ones below " + now.source + " are loaded as they appear.";
  }
  return "Every file that was found has been dealt with; new ones are loaded as they appear.";
}

}  // namespace

std::optional<double> backlog_growth(const history& last_hour, timestamp now) {
  const history_sample* first = nullptr;
  const history_sample* last = nullptr;
  for (std::size_t i = 0; i < last_hour.size(); ++i) {
    const auto& sample = last_hour[i];
    if (!sample.pending_files || sample.at < now - trend_window) continue;
    if (first == nullptr) first = &sample;
    last = &sample;
  }
  if (first == nullptr || last->at - first->at < trend_span_least) return std::nullopt;
  const auto change = *last->pending_files - *first->pending_files;
  const auto most = std::max(*last->pending_files, *first->pending_files);
  if (std::abs(change) < std::max(1.0, most * trend_share_least)) return 0.0;
  const std::chrono::duration<double> lasted = last->at - first->at;
  return change / lasted.count();
}

verdict judge(const snapshot& now) {
  if (now.state == run_state::stopping) {
    return {"wait", "Stopping", "What is being loaded is finished or given back."};
  }
  if (now.database) {
    return {"bad", "The database cannot be used",
            "Nothing can be loaded until it can. It is tried again after a pause, and goes on by "
            "itself."};
  }
  if (now.s3) {
    return {"bad", "S3 cannot be used",
            "Nothing new can be read until it can. It is tried again after a pause, and goes on by "
            "itself."};
  }
  if (now.state == run_state::starting || now.ledger == nullptr) {
    return {"wait", "Starting", "The schema and the bucket are looked at first."};
  }
  const auto& files = now.ledger->files;
  if (files.pending != 0) return of_a_backlog(now);
  if (files.processing != 0)
    return {"good", "Keeping up", work_text(now) + backlog_text(*now.ledger)};
  if (files.failed != 0) return {"wait", "Up to date, but for failed files", idle_text(now)};
  return {"good", "Up to date", idle_text(now)};
}

speed speed_of_all(const snapshot& now) {
  speed all{now.own.rows_per_second, now.own.bytes_per_second, 1};
  if (now.ledger == nullptr) return all;
  for (const auto& one : now.ledger->replicas) {
    if (one.name == now.replica || !one.report || !one.report->alive()) continue;
    all.rows_per_second += one.report->rows_per_second;
    all.bytes_per_second += one.report->bytes_per_second;
    ++all.replicas;
  }
  return all;
}

}  // namespace ingestor::telemetry::page
