#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/exit_code.hpp"
#include "config/describe.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace ingestor::app {

int execute(const config_command&) {
  const auto all = config::describe(config::process_environment(), config::this_host());
  std::size_t variable_width = 0;
  std::size_t value_width = 0;
  for (const auto& one : all) {
    variable_width = std::max(variable_width, one.variable.size());
    value_width = std::min(std::max(value_width, one.value.size()), std::size_t{60});
  }
  std::ostringstream lines;
  for (const auto& one : all) {
    lines << std::left << std::setw(static_cast<int>(variable_width)) << one.variable << "  "
          << std::setw(static_cast<int>(value_width)) << one.value << "  (" << one.source << ")\n";
  }
  const bool right = load_settings({}).has_value();
  if (!print(lines.str())) return exit_code::failed;
  return right ? exit_code::ok : exit_code::usage;
}

}  // namespace ingestor::app
