#include "app/ledger_view.hpp"

#include "ledger/figures.hpp"
#include "ledger/presence.hpp"
#include "telemetry/escape.hpp"

#include <utility>
#include <vector>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

std::uint64_t count(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

telemetry::failed_file shown(const ledger::latest_failure& failure, const std::string& bucket) {
  telemetry::failed_file file{};
  file.id = failure.id;
  file.bucket = bucket;
  file.key = failure.key;
  file.error = failure.error;
  file.stage = failure.stage;
  file.attempts = count(failure.attempts);
  file.next_attempt_at = failure.next_attempt_at;
  return file;
}

telemetry::rejecting_file shown(ledger::rejecting_file rejecting, const std::string& bucket) {
  telemetry::rejecting_file file{};
  file.id = rejecting.id;
  file.bucket = bucket;
  file.key = std::move(rejecting.key);
  file.lines_rejected = count(rejecting.lines_rejected);
  file.completed_at = rejecting.completed_at;
  file.reasons = std::move(rejecting.reasons);
  return file;
}

telemetry::fetcher_report shown(const ledger::fetcher_presence& told) {
  telemetry::fetcher_report fetcher{};
  fetcher.stage = telemetry::fetcher_stage_of(told.stage);
  fetcher.key = told.key;
  fetcher.file_id = told.file_id;
  fetcher.files = count(told.files);
  fetcher.files_read = count(told.files_read);
  fetcher.bytes_total = count(told.bytes_total);
  fetcher.bytes_read = count(told.bytes_read);
  fetcher.rows = count(told.rows);
  fetcher.seconds = told.seconds;
  return fetcher;
}

telemetry::replica_report shown(const ledger::presence& told, double age_seconds) {
  telemetry::replica_report report{};
  report.version = told.version;
  report.state = told.state;
  report.uptime_seconds = told.uptime_seconds;
  report.age_seconds = age_seconds;
  report.files_completed = count(told.files_completed);
  report.files_failed = count(told.files_failed);
  report.rows = count(told.rows);
  report.lines_rejected = count(told.lines_rejected);
  report.bytes_compressed = count(told.bytes_compressed);
  report.rows_per_second = told.rows_per_second;
  report.bytes_per_second = told.bytes_per_second;
  for (const auto& fetcher : told.fetchers) report.fetchers.push_back(shown(fetcher));
  return report;
}

telemetry::active_replica shown(const ledger::replica& one) {
  telemetry::active_replica replica{};
  replica.name = one.name;
  replica.files = count(one.files);
  replica.lease_expires_at = one.lease_expires_at;
  if (one.reported) replica.report = shown(*one.reported, one.report_age_seconds);
  return replica;
}

}  // namespace

asio::awaitable<pg::result<void>> read_counts(pg::connection& db, const ledger::scope& where,
                                              telemetry::ledger_figures& into) {
  const auto figures = co_await ledger::read_figures(db, where);
  if (!figures) co_return figures.error();
  into.files = {count(figures->pending), count(figures->processing), count(figures->completed),
                count(figures->failed)};
  into.oldest_pending_age = figures->oldest_pending_age_seconds;
  into.rows = count(figures->rows);
  into.lines_rejected = count(figures->lines_rejected);
  into.objects_changed = count(figures->overwritten);
  into.newest_row_at = figures->newest_row_at;
  into.last_completed_at = figures->last_completed_at;
  into.taken_at = figures->read_at;
  co_return pg::result<void>{};
}

asio::awaitable<pg::result<void>> read_details(pg::connection& db, const ledger::scope& where,
                                               telemetry::ledger_figures& into) {
  const auto failures = co_await ledger::read_latest_failures(
      db, where, static_cast<std::int64_t>(telemetry::failures_shown_max));
  if (!failures) co_return failures.error();
  auto rejects = co_await ledger::read_rejecting_files(
      db, where, static_cast<std::int64_t>(telemetry::rejecting_files_shown_max));
  if (!rejects) co_return rejects.error();
  const auto replicas = co_await ledger::read_replicas(
      db, where, static_cast<std::int64_t>(telemetry::replicas_shown_max));
  if (!replicas) co_return replicas.error();
  into.failures.clear();
  for (const auto& failure : *failures) into.failures.push_back(shown(failure, where.bucket));
  into.rejects.clear();
  for (auto& file : *rejects) into.rejects.push_back(shown(std::move(file), where.bucket));
  into.replicas.clear();
  for (const auto& replica : *replicas) into.replicas.push_back(shown(replica));
  co_return pg::result<void>{};
}

asio::awaitable<pg::result<telemetry::ledger_figures>> read_ledger_view(
    pg::connection& db, const ledger::scope& where) {
  telemetry::ledger_figures out{};
  const auto counted = co_await read_counts(db, where, out);
  if (!counted) co_return counted.error();
  const auto read = co_await read_details(db, where, out);
  if (!read) co_return read.error();
  co_return out;
}

std::string printable(const ledger::scope& where) {
  std::string out;
  telemetry::append_printable(out, "s3://" + where.bucket + "/" + where.key_prefix);
  return out;
}

}  // namespace ingestor::app
