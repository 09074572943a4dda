#include "app/configuration.hpp"

#include "telemetry/escape.hpp"

#include <iostream>
#include <string>
#include <utility>

namespace ingestor::app {

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
  return options;
}

void complain(std::string_view what) {
  std::string line = "ingestor: ";
  telemetry::append_printable(line, what);
  std::cerr << line << '\n';
}

bool print(std::string_view text) {
  if (std::cout << text << std::flush) return true;
  complain("cannot write to stdout");
  return false;
}

}  // namespace ingestor::app
