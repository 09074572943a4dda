#include "app/bug.hpp"
#include "app/commands.hpp"

#include <exception>
#include <variant>

int main(int argc, char** argv) {
  using namespace ingestor::app;
  try {
    const auto chosen = parse_command_line(argc, argv);
    return std::visit([](const auto& options) { return execute(options); }, chosen);
  } catch (const std::exception& error) {
    end_by_bug(error);
  }
}
