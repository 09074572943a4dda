// Several values of one parameter: host=a,b.
#pragma once

#include <string_view>
#include <vector>

namespace ingestor::pg::fsm {

/// The parts between the commas, empty ones included; an empty list is one empty part.
inline std::vector<std::string_view> comma_list(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace ingestor::pg::fsm
