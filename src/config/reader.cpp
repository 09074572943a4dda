#include "config/reader.hpp"

namespace ingestor::config {

std::optional<std::string> reader::get(std::string_view variable) const {
  auto value = from_(variable);
  if (value && value->empty()) value.reset();
  return value;
}

void reader::reject(std::string_view variable, std::string message) {
  mistakes_.push_back({std::string{variable}, std::move(message)});
}

void reader::reject_value(std::string_view variable, std::string_view value,
                          std::string_view accepted) {
  std::string message = "\"" + redact(value, variable_named(variable).seen);
  reject(variable, message.append("\" is not valid; use ").append(accepted));
}

}  // namespace ingestor::config
