#include "app/configuration.hpp"

#include "config/environment.hpp"
#include "telemetry/escape.hpp"
#include "telemetry/fd_writer.hpp"

#include <chrono>
#include <iostream>
#include <string>
#include <unistd.h>
#include <utility>

namespace ingestor::app {
namespace {

/// How long a complaint waits for a slow reader of stderr.
constexpr std::chrono::seconds complaint_within{1};

}  // namespace

std::optional<config::settings> load_settings(config::needs what, const config::environment& from) {
  auto loaded = config::load(from, config::this_host(), what);
  if (loaded) return std::move(*loaded);
  for (const auto& wrong : loaded.error()) complain(config::text_of(wrong));
  return std::nullopt;
}

telemetry::log_options log_options_of(const config::settings& settings) {
  telemetry::log_options options{};
  options.level = settings.level;
  options.format = settings.format;
  const auto host = config::this_host();
  options.everywhere = telemetry::common_members({host.pid, host.hostname, settings.replica});
  return options;
}

void complain(std::string_view what) {
  std::string line = "ingestor: ";
  telemetry::append_printable(line, what);
  // By hand, since std::cerr would wait for whoever reads a pipe.
  telemetry::fd_writer out{STDERR_FILENO};
  out.close_within(complaint_within);
  out.write(line.append("\n"));
}

bool print(std::string_view text) {
  if (std::cout << text << std::flush) return true;
  complain("cannot write to stdout");
  return false;
}

}  // namespace ingestor::app
