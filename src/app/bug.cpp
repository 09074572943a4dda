#include "app/bug.hpp"

#include "app/configuration.hpp"

#include <string>
#include <unistd.h>

namespace ingestor::app {

void end_by_bug(const std::exception& error) {
  complain(std::string{"a bug ended the process: "} + error.what());
  _exit(70);
}

}  // namespace ingestor::app
