#include "app/ledger_view.hpp"

#include "ledger/figures.hpp"
#include "telemetry/escape.hpp"

#include <utility>
#include <vector>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

std::uint64_t count(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

telemetry::ledger_figures shown(const ledger::figures& figures) {
  telemetry::ledger_figures out{};
  out.files = {count(figures.pending), count(figures.processing), count(figures.completed),
               count(figures.failed)};
  out.oldest_pending_age = figures.oldest_pending_age_seconds;
  out.rows = count(figures.rows);
  out.lines_rejected = count(figures.lines_rejected);
  out.objects_changed = count(figures.overwritten);
  out.taken_at = figures.read_at;
  return out;
}

telemetry::failed_file shown(const ledger::latest_failure& failure, const std::string& bucket) {
  telemetry::failed_file file{};
  file.bucket = bucket;
  file.key = failure.key;
  file.error = failure.error;
  file.stage = failure.stage;
  file.attempts = count(failure.attempts);
  file.next_attempt_at = failure.next_attempt_at;
  return file;
}

telemetry::active_replica shown(const ledger::busy_replica& busy) {
  telemetry::active_replica replica{};
  replica.name = busy.name;
  replica.files = count(busy.files);
  replica.lease_expires_at = busy.lease_expires_at;
  return replica;
}

}  // namespace

asio::awaitable<pg::result<telemetry::ledger_figures>> read_ledger_view(
    pg::connection& db, const ledger::scope& where) {
  const auto figures = co_await ledger::read_figures(db, where);
  if (!figures) co_return figures.error();
  const auto failures = co_await ledger::read_latest_failures(
      db, where, static_cast<std::int64_t>(telemetry::failures_shown_max));
  if (!failures) co_return failures.error();
  const auto replicas = co_await ledger::read_busy_replicas(
      db, where, static_cast<std::int64_t>(telemetry::replicas_shown_max));
  if (!replicas) co_return replicas.error();
  auto out = shown(*figures);
  for (const auto& failure : *failures) out.failures.push_back(shown(failure, where.bucket));
  for (const auto& replica : *replicas) out.replicas.push_back(shown(replica));
  co_return out;
}

std::string printable(const ledger::scope& where) {
  std::string out;
  telemetry::append_printable(out, "s3://" + where.bucket + "/" + where.key_prefix);
  return out;
}

}  // namespace ingestor::app
