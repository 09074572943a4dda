// One thing that is wrong with the environment.
#pragma once

#include <string>
#include <string_view>

namespace ingestor::config {

struct mistake {
  std::string variable;
  /// What is wrong with its value, and what is accepted. One line; never a secret.
  std::string message;

  friend bool operator==(const mistake&, const mistake&) = default;
};

/// `INGESTOR_BATCH_SIZE: "0" is not valid; use a whole number from 1 to 1000`.
inline std::string text_of(const mistake& wrong) {
  return wrong.variable + ": " + wrong.message;
}

}  // namespace ingestor::config
