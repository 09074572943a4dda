#include "telemetry/events/files.hpp"

#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <vector>

namespace ingestor::telemetry {
namespace {

/// Counts, and returns the sum.
std::uint64_t count(labelled<counter>& into, std::span<const named_count> counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, times] : counts) {
    into.with({name}).Increment(static_cast<double>(times));
    sum += times;
  }
  return sum;
}

void add_unless_zero(std::vector<field>& fields, std::string_view name, std::uint64_t value) {
  if (value != 0) fields.push_back({name, value});
}

}  // namespace

void discovery_finished::emit(log& to, metrics& /*numbers*/) const {
  // Every poll finds something listed; news are what it queued.
  const auto level = files_queued == 0 ? log_level::debug : log_level::info;
  to.write(level, "discovery finished",
           {{"objects_listed", objects_listed},
            {"files_queued", files_queued},
            {"objects_changed", objects_changed},
            {"seconds", seconds}});
}

void key_skipped::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::warn, "object skipped: its key is not UTF-8 text without NUL",
           {{"key", key}});
}

void files_requeued::emit(log& to, metrics& /*numbers*/) const {
  const auto level = given_up > 0 ? log_level::warn : log_level::info;
  to.write(level, "files are due again",
           {{"retried", retried}, {"expired", expired}, {"given_up", given_up}});
}

void sessions_ended::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::warn, "sessions of silent replicas ended", {{"sessions", sessions}});
}

void claimed::emit(log& to, metrics& numbers) const {
  numbers.claims.with({files == 0 ? "empty" : "claimed"}).Increment();
  to.write(log_level::debug, "claimed", {{"files", files}, {"bytes", bytes}});
}

void file_claimed::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::debug, "file claimed",
           {{"id", id}, {"key", key}, {"bytes", bytes}, {"attempts", std::int64_t{attempts}}});
}

void file_opened::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::debug, "file opened", {{"id", id}, {"key", key}, {"with_care", with_care}});
}

void file_completed::emit(log& to, metrics& numbers) const {
  numbers.files_processed.with({"completed"}).Increment();
  numbers.rows.Increment(static_cast<double>(rows));
  numbers.bytes.with({"compressed"}).Increment(static_cast<double>(bytes_compressed));
  numbers.bytes.with({"inflated"}).Increment(static_cast<double>(bytes_inflated));
  numbers.commit_lag.Observe(commit_lag_seconds);
  numbers.timestamps_missing.Increment(static_cast<double>(timestamps_missing));
  numbers.strings_repaired.Increment(static_cast<double>(strings_repaired));
  const auto rejected = count(numbers.lines_rejected, lines_rejected);
  const auto mismatches = count(numbers.field_mismatches, field_mismatches);

  std::vector<field> fields{{"id", id},
                            {"key", key},
                            {"rows", rows},
                            {"lines_rejected", rejected},
                            {"bytes_compressed", bytes_compressed},
                            {"bytes_inflated", bytes_inflated},
                            {"seconds", seconds},
                            {"commit_lag_seconds", commit_lag_seconds}};
  for (const auto& [reason, times] : lines_rejected) add_unless_zero(fields, reason, times);
  add_unless_zero(fields, "field_mismatches", mismatches);
  add_unless_zero(fields, "timestamps_missing", timestamps_missing);
  add_unless_zero(fields, "strings_repaired", strings_repaired);
  to.write(log_level::info, "file completed", fields);
}

void file_failed::emit(log& to, metrics& numbers) const {
  numbers.files_processed.with({"failed"}).Increment();
  std::vector<field> fields{{"id", id},
                            {"key", key},
                            {"stage", stage},
                            {"error", error},
                            {"attempt", std::int64_t{attempt}},
                            {"attempts_max", std::int64_t{attempts_max}}};
  if (next_attempt_in) fields.push_back({"next_attempt_in_seconds", *next_attempt_in});
  to.write(next_attempt_in ? log_level::warn : log_level::error, "file failed", fields);
}

void file_released::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::info, "file released", {{"id", id}, {"key", key}, {"reason", reason}});
}

void lease_lost::emit(log& to, metrics& numbers) const {
  numbers.lease_lost.Increment();
  to.write(log_level::warn, "lease lost", {{"id", id}, {"key", key}});
}

void heartbeat::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::debug, "heartbeat", {{"files", files}, {"seconds", seconds}});
}

}  // namespace ingestor::telemetry
