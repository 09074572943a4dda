// The `process_*` metrics that Prometheus' client libraries have in common.
// Source: Prometheus documentation, "Writing client libraries", section "Process metrics";
// proc_pid_stat(5).
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ingestor::telemetry {

/// Fields of /proc/PID/stat, in the kernel's units.
struct process_stat {
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  /// Since the machine's start.
  std::uint64_t start_ticks = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

/// nullopt where the text is not what the kernel writes. The program's name, the second field, may
/// hold spaces and parentheses.
std::optional<process_stat> parse_process_stat(std::string_view text);

/// Of this process, now; what the system does not tell is left out.
std::vector<prometheus::MetricFamily> process_metrics();

}  // namespace ingestor::telemetry
