#include "app/bug.hpp"

#include "app/configuration.hpp"
#include "terminal/emergency.hpp"

#include <string>
#include <unistd.h>

namespace ingestor::app {

void end_by_bug(const std::exception& error) {
  terminal::restore_in_emergency();
  complain(std::string{"a bug ended the process: "} + error.what());
  _exit(70);
}

}  // namespace ingestor::app
