#include "telemetry/process_metrics.hpp"

#include <charconv>
#include <dirent.h>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace ingestor::telemetry {
namespace {

using families = std::vector<prometheus::MetricFamily>;

void append(families& out, prometheus::MetricType type, const char* name, const char* help,
            double value) {
  prometheus::ClientMetric metric;
  (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  out.push_back({name, help, type, {std::move(metric)}});
}

std::string contents_of(const char* path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

/// The machine's start in seconds since 1970: the `btime` line of /proc/stat.
std::optional<double> read_boot_time() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  while (file >> name) {
    double value = 0;
    if (name == "btime" && file >> value) return value;
    file.ignore(1U << 16U, '\n');
  }
  return std::nullopt;
}

/// It stays, and /proc/stat has a line for each processor and interrupt.
std::optional<double> boot_time() {
  static const auto once = read_boot_time();
  return once;
}

std::optional<double> open_descriptors() {
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) return std::nullopt;
  double count = 0;
  while (const auto* const entry = readdir(directory)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(directory);
  return count - 1;  // the directory's own
}

void append_stat(families& out, const process_stat& stat) {
  using enum prometheus::MetricType;
  const auto tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  append(out, Counter, "process_cpu_seconds_total", "User and system CPU time, in seconds.",
         static_cast<double>(stat.user_ticks + stat.system_ticks) / tick);
  append(out, Gauge, "process_virtual_memory_bytes", "Virtual memory size, in bytes.",
         static_cast<double>(stat.virtual_bytes));
  append(out, Gauge, "process_resident_memory_bytes", "Resident memory size, in bytes.",
         static_cast<double>(stat.resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  if (const auto boot = boot_time()) {
    append(out, Gauge, "process_start_time_seconds", "Start of the process, in seconds since 1970.",
           *boot + static_cast<double>(stat.start_ticks) / tick);
  }
}

/// No limit is the largest number there is, as other client libraries have it.
void append_limit(families& out, const char* name, const char* help, decltype(RLIMIT_AS) of) {
  rlimit limit{};
  if (getrlimit(of, &limit) != 0) return;
  append(out, prometheus::MetricType::Gauge, name, help, static_cast<double>(limit.rlim_cur));
}

void append_descriptors(families& out) {
  using enum prometheus::MetricType;
  if (const auto open = open_descriptors()) {
    append(out, Gauge, "process_open_fds", "File descriptors that are open.", *open);
  }
  append_limit(out, "process_max_fds", "File descriptors that may be open.", RLIMIT_NOFILE);
}

}  // namespace

std::optional<process_stat> parse_process_stat(std::string_view text) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  // What follows the name: the state, field 3, and then numbers only; `rss` is field 24.
  constexpr std::size_t first_field = 3;
  constexpr std::size_t last_field = 24;
  std::uint64_t fields[last_field + 1] = {};
  auto rest = text.substr(name_end + 1);
  for (auto number = first_field; number <= last_field; ++number) {
    const auto begin = rest.find_first_not_of(' ');
    if (begin == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(begin);
    const auto end = std::min(rest.find(' '), rest.size());
    // Fields that are not wanted here may be negative, and the state is a letter: they stay 0.
    std::from_chars(rest.data(), rest.data() + end, fields[number]);
    rest.remove_prefix(end);
  }
  return process_stat{.user_ticks = fields[14],
                      .system_ticks = fields[15],
                      .start_ticks = fields[22],
                      .virtual_bytes = fields[23],
                      .resident_pages = fields[24]};
}

std::vector<prometheus::MetricFamily> process_metrics() {
  families out;
  if (const auto stat = parse_process_stat(contents_of("/proc/self/stat"))) append_stat(out, *stat);
  append_limit(out, "process_virtual_memory_max_bytes",
               "Virtual memory size that is allowed, in bytes.", RLIMIT_AS);
  append_descriptors(out);
  return out;
}

}  // namespace ingestor::telemetry
