#include "app/commands.hpp"
#include "app/exit_code.hpp"

#include <iostream>

namespace ingestor::app {

int execute(const nothing_to_run& end) {
  (end.exit_code == exit_code::ok ? std::cout : std::cerr) << end.text;
  return end.exit_code;
}

}  // namespace ingestor::app
