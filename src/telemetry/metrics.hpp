// Every metric of this process, by the names that dashboards rely on. Events change them, and
// set(); nothing else does.
#pragma once

#include "telemetry/labelled.hpp"
#include "telemetry/ledger_figures.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::telemetry {

using counter = prometheus::Counter;
using gauge = prometheus::Gauge;
using histogram = prometheus::Histogram;

/// Upper bounds of a histogram's buckets, in seconds.
extern const std::vector<double> lag_buckets;
extern const std::vector<double> request_buckets;
extern const std::vector<double> copy_buckets;
extern const std::vector<double> loop_lag_buckets;

/// What this process has done since it started.
struct totals {
  std::uint64_t files_completed = 0;
  std::uint64_t files_failed = 0;
  std::uint64_t rows = 0;
  std::uint64_t lines_rejected = 0;
  std::uint64_t bytes_compressed = 0;
  std::uint64_t bytes_inflated = 0;
  /// lines_rejected by the code of their reason, which may be 0; ordered by code.
  std::vector<std::pair<std::string, std::uint64_t>> rejected_by_reason = {};
};

class metrics {
  // In front of the metrics, which are made from it in the order of their declaration.
  prometheus::Registry registry_;

  counter& one_counter(const char* name, const char* help);
  gauge& one_gauge(const char* name, const char* help);
  histogram& one_histogram(const char* name, const char* help, const std::vector<double>& buckets);
  labelled<counter> counters(const char* name, const char* help, std::vector<std::string> labels);
  labelled<gauge> gauges(const char* name, const char* help, std::vector<std::string> labels);

 public:
  /// `version` is the program's.
  explicit metrics(std::string_view version);
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;
  ~metrics() = default;

  /// The text exposition format, with `process_*` as of this moment.
  std::string text() const;

  void set(const ledger_figures& figures);

  totals done();

  // Of the ledger, and so the same for all replicas; set by set().
  labelled<gauge> files = gauges("ingestor_files", "Files in the ledger, by status.", {"status"});
  gauge& oldest_pending_age = one_gauge("ingestor_oldest_pending_age_seconds",
                                        "Age of the oldest pending file, in seconds; 0 if none.");
  gauge& objects_changed = one_gauge("ingestor_objects_changed",
                                     "Completed objects that have changed in the bucket since.");

  // Done by this process.
  labelled<counter> files_processed =
      counters("ingestor_files_processed_total",
               "Files that this process has completed, or failed to.", {"result"});
  histogram& commit_lag =
      one_histogram("ingestor_commit_lag_seconds",
                    "From an object's last modification to its commit, in seconds.", lag_buckets);
  counter& rows = one_counter("ingestor_rows_total", "Rows committed.");
  labelled<counter> lines_rejected =
      counters("ingestor_lines_rejected_total",
               "Lines that could not be rows and were kept in rejected_line.", {"reason"});
  labelled<counter> field_mismatches =
      counters("ingestor_field_mismatches_total",
               "Values that did not fit their column, which is NULL in that row.", {"column"});
  counter& timestamps_missing = one_counter("ingestor_timestamps_missing_total",
                                            "Rows that took their time from the object.");
  counter& strings_repaired =
      one_counter("ingestor_strings_repaired_total",
                  "Lines with text that PostgreSQL cannot hold, repaired in the row.");
  labelled<counter> bytes = counters("ingestor_bytes_total",
                                     "Bytes read, inflated, and sent to the database.", {"stage"});
  labelled<counter> claims =
      counters("ingestor_claims_total", "Times that files were asked for.", {"outcome"});
  counter& lease_lost = one_counter("ingestor_lease_lost_total",
                                    "Files whose lease ran out while this process had them.");

  labelled<counter> s3_requests = counters(
      "ingestor_s3_requests_total",
      "Requests to S3, by operation and by HTTP status or kind of failure.", {"operation", "code"});
  histogram& s3_request_duration =
      one_histogram("ingestor_s3_request_duration_seconds",
                    "From a request to the head of its answer, in seconds.", request_buckets);
  counter& s3_resumes =
      one_counter("ingestor_s3_resumes_total", "Bodies that broke off and were resumed there.");
  counter& s3_throttled =
      one_counter("ingestor_s3_throttled_total", "Answers by which S3 asked to slow down.");

  histogram& copy_duration =
      one_histogram("ingestor_copy_duration_seconds", "Of one COPY, in seconds.", copy_buckets);
  labelled<gauge> db_pool_connections =
      gauges("ingestor_db_pool_connections", "Connections to the database, by state.", {"state"});
  histogram& db_pool_wait =
      one_histogram("ingestor_db_pool_wait_seconds",
                    "Wait for a connection of the pool, in seconds.", request_buckets);
  gauge& buffer_bytes =
      one_gauge("ingestor_buffer_bytes", "Memory that the pipeline's buffers hold, in bytes.");

  histogram& loop_lag = one_histogram(
      "ingestor_loop_lag_seconds",
      "How late the event loop came to a timer that was due, in seconds.", loop_lag_buckets);
  labelled<gauge> dependency_usable =
      gauges("ingestor_dependency_usable", "1 while S3 or the database works, 0 while it does not.",
             {"dependency"});
  counter& log_lines_dropped = one_counter("ingestor_log_lines_dropped_total",
                                           "Log lines dropped because nobody read them in time.");
};

}  // namespace ingestor::telemetry
