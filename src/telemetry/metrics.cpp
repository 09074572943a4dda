#include "telemetry/metrics.hpp"

#include "telemetry/process_metrics.hpp"

#include <prometheus/text_serializer.h>

#include <iterator>
#include <sstream>
#include <utility>

namespace ingestor::telemetry {
namespace {

/// A rate over a series that appears with its first event misses that event, so what is known
/// beforehand begins at zero.
template <class Metric>
void begin_at_zero(labelled<Metric>& metric, std::initializer_list<std::string_view> values) {
  for (const auto value : values) metric.with({value});
}

}  // namespace

// Logs are loaded within seconds where all is well, and within days after an outage.
const std::vector<double> lag_buckets{1, 5, 15, 30, 60, 300, 900, 3600, 14400, 86400, 604800};
const std::vector<double> request_buckets{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30};
const std::vector<double> copy_buckets{.005, .025, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300};
// A slice of work on the loop is about a millisecond.
const std::vector<double> loop_lag_buckets{.0005, .001, .0025, .005, .01, .025, .05,
                                           .1,    .25,  .5,    1,    2.5, 5};

metrics::metrics(std::string_view version) {
  gauges("ingestor_build_info", "1; the version is the label.", {"version"}).with({version}).Set(1);
  begin_at_zero(files, {"pending", "processing", "completed", "failed"});
  begin_at_zero(files_processed, {"completed", "failed"});
  begin_at_zero(lines_rejected, {"not_json", "not_an_object", "invalid_utf8", "too_long",
                                 "too_deep", "number_out_of_range", "refused_by_database"});
  begin_at_zero(bytes, {"compressed", "inflated", "copied"});
  begin_at_zero(claims, {"claimed", "empty"});
  begin_at_zero(db_pool_connections, {"idle", "busy", "connecting"});
  s3_requests.with({"ListObjectsV2", "200"});
  for (const std::string_view code : {"200", "206"}) s3_requests.with({"GetObject", code});
  for (const std::string_view name : {"s3", "database"}) dependency_usable.with({name}).Set(1);
}

counter& metrics::one_counter(const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add({});
}

gauge& metrics::one_gauge(const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add({});
}

histogram& metrics::one_histogram(const char* name, const char* help,
                                  const std::vector<double>& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add({}, buckets);
}

labelled<counter> metrics::counters(const char* name, const char* help,
                                    std::vector<std::string> labels) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
  return {family, std::move(labels)};
}

labelled<gauge> metrics::gauges(const char* name, const char* help,
                                std::vector<std::string> labels) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry_);
  return {family, std::move(labels)};
}

std::string metrics::text() const {
  auto families = registry_.Collect();
  auto process = process_metrics();
  families.insert(families.end(), std::make_move_iterator(process.begin()),
                  std::make_move_iterator(process.end()));
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families);
  return std::move(out).str();
}

void metrics::set(const ledger_figures& figures) {
  const auto count = [&](std::string_view status, std::uint64_t in_it) {
    files.with({status}).Set(static_cast<double>(in_it));
  };
  count("pending", figures.files.pending);
  count("processing", figures.files.processing);
  count("completed", figures.files.completed);
  count("failed", figures.files.failed);
  oldest_pending_age.Set(figures.oldest_pending_age.value_or(0));
  objects_changed.Set(static_cast<double>(figures.objects_changed));
}

totals metrics::done() {
  const auto whole = [](double value) { return static_cast<std::uint64_t>(value); };
  totals out{.files_completed = whole(files_processed.with({"completed"}).Value()),
             .files_failed = whole(files_processed.with({"failed"}).Value()),
             .rows = whole(rows.Value()),
             .lines_rejected = whole(lines_rejected.sum()),
             .bytes_compressed = whole(bytes.with({"compressed"}).Value()),
             .bytes_inflated = whole(bytes.with({"inflated"}).Value())};
  for (const auto& [reason, lines] : lines_rejected.by_first_label()) {
    out.rejected_by_reason.emplace_back(reason, whole(lines));
  }
  return out;
}

}  // namespace ingestor::telemetry
