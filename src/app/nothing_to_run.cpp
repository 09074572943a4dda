#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/exit_code.hpp"

#include <iostream>

namespace ingestor::app {

int execute(const nothing_to_run& end) {
  if (end.exit_code == exit_code::ok) return print(end.text) ? exit_code::ok : exit_code::failed;
  std::cerr << end.text;
  return end.exit_code;
}

}  // namespace ingestor::app
