#include "app/commands.hpp"

#include <exception>
#include <iostream>
#include <variant>

int main(int argc, char** argv) {
  using namespace ingestor::app;
  try {
    const auto chosen = parse_command_line(argc, argv);
    return std::visit([](const auto& options) { return execute(options); }, chosen);
  } catch (const std::exception& error) {
    std::cerr << "ingestor: a bug ended the process: " << error.what() << '\n';
    return 70;  // EX_SOFTWARE of sysexits.h
  }
}
