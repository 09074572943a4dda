#include "top/words.hpp"

#include "telemetry/figures.hpp"

#include <algorithm>
#include <cmath>

namespace ingestor::top {
namespace {

/// Every whole number up to it is exact, and no figure is larger.
constexpr double figure_most = 9e15;

std::uint64_t whole(double value) {
  if (!std::isfinite(value)) return 0;
  return static_cast<std::uint64_t>(std::llround(std::clamp(value, 0.0, figure_most)));
}

}  // namespace

std::string count_text(double value) {
  return telemetry::with_separators(whole(value));
}

std::string mebibytes_text(double bytes) {
  auto out = telemetry::mebibytes(whole(bytes));
  out.resize(out.rfind(' '));
  return out;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return telemetry::with_separators(count).append(" ").append(count == 1 ? one : many);
}

std::string distance_text(timestamp at, timestamp now) {
  const std::chrono::duration<double> ago = now - at;
  return ago.count() < 0 ? "in " + telemetry::span_text(-ago.count())
                         : telemetry::span_text(ago.count()) + " ago";
}

bool is_dead(const telemetry::active_replica& one, timestamp now) {
  if (one.report) return !one.report->alive();
  return one.lease_expires_at && *one.lease_expires_at < now;
}

fleet fleet_of(const telemetry::ledger_figures& figures, timestamp now) {
  fleet out{};
  for (const auto& one : figures.replicas) {
    if (is_dead(one, now)) {
      ++out.dead;
      continue;
    }
    ++out.alive;
    if (!one.report) continue;
    out.rows_per_second += one.report->rows_per_second;
    out.bytes_per_second += one.report->bytes_per_second;
    for (const auto& fetcher : one.report->fetchers) {
      ++(fetcher.stage == telemetry::fetcher_stage::idle ? out.idle : out.busy);
    }
  }
  return out;
}

verdict verdict_on(const telemetry::ledger_figures& figures, timestamp now) {
  using terminal::style;
  const bool waiting = figures.files.pending != 0;
  if (waiting && fleet_of(figures, now).alive == 0) return {"NOBODY AT WORK", style::bad};
  if (waiting && figures.oldest_pending_age.value_or(0) > pending_age_max_seconds) {
    return {"BEHIND", style::warning};
  }
  // The replicas are read more often than the counts are.
  const bool loading =
      figures.files.processing != 0 ||
      std::ranges::any_of(figures.replicas, [](const auto& one) { return one.files != 0; });
  return waiting || loading ? verdict{"KEEPING UP", style::good}
                            : verdict{"UP TO DATE", style::good};
}

}  // namespace ingestor::top
