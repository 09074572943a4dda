// Reads variables one by one into typed fields, and keeps every mistake instead of the first.
#pragma once

#include "config/environment.hpp"
#include "config/mistake.hpp"
#include "config/redact.hpp"
#include "config/variables.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::config {

class reader {
 public:
  /// `from` must outlive the reader.
  explicit reader(const environment& from) : from_{from} {}

  /// nullopt where the variable is not set, or empty.
  std::optional<std::string> get(std::string_view variable) const;

  /// Sets `into` from the variable, or from its default in variables() where it is not set and has
  /// one. Leaves `into` as it is where there is neither, and where the value is refused.
  template <class Target, class Grammar>
  void take(Target& into, std::string_view variable, const Grammar& grammar);

  /// As take(), but it is a mistake not to set it. `what` goes on from "is required:".
  template <class Target, class Grammar>
  void require(Target& into, std::string_view variable, std::string_view what,
               const Grammar& grammar);

  void reject(std::string_view variable, std::string message);

  /// `"0" is not valid; use a whole number from 1 to 1000`, with what may be shown of the value.
  void reject_value(std::string_view variable, std::string_view value, std::string_view accepted);

  bool clean() const { return mistakes_.empty(); }
  std::vector<mistake> mistakes() && { return std::move(mistakes_); }

 private:
  const environment& from_;
  std::vector<mistake> mistakes_;
};

template <class Target, class Grammar>
void reader::take(Target& into, std::string_view variable, const Grammar& grammar) {
  const auto text = get(variable).value_or(std::string{variable_named(variable).fallback});
  if (text.empty()) return;
  if (auto value = grammar.parse(text)) {
    // Each grammar keeps its values within what the field can hold.
    into = static_cast<Target>(std::move(*value));
  } else {
    reject_value(variable, text, grammar.accepted());
  }
}

template <class Target, class Grammar>
void reader::require(Target& into, std::string_view variable, std::string_view what,
                     const Grammar& grammar) {
  if (get(variable)) {
    take(into, variable, grammar);
  } else {
    reject(variable, std::string{"is required: "}.append(what));
  }
}

}  // namespace ingestor::config
