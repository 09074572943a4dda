// What `ingestor config` shows: each variable, its value as far as it may be seen, and its source.
#pragma once

#include "config/environment.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ingestor::config {

struct shown {
  std::string variable;
  /// Redacted, on one line; empty where there is none.
  std::string value;
  /// "environment", "default", "not set", the name of another variable that the value was taken
  /// from, or "environment, not supported by this version".
  std::string source;

  friend bool operator==(const shown&, const shown&) = default;
};

/// Says what is set, right or wrong: load() says what is wrong with it.
std::vector<shown> describe(const environment& from, const host_facts& host);

}  // namespace ingestor::config
