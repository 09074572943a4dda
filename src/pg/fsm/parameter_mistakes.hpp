// What is wrong with the parameters of a connection URI, collected: people see all of it at once.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::pg::fsm {

template <class Value>
using choices = std::span<const std::pair<std::string_view, Value>>;

class parameter_mistakes {
 public:
  /// Quiet: no value is quoted, because any may hold a piece of the password.
  explicit parameter_mistakes(bool quiet) : quiet_{quiet} {}

  bool quiet() const { return quiet_; }
  const std::vector<std::string>& all() const { return all_; }

  void add(std::string mistake) { all_.push_back(std::move(mistake)); }

  void wrong(std::string_view name, std::string_view value, std::string_view remedy) {
    const auto shown = quiet_ ? std::string{} : "=" + std::string{value};
    add(std::string{name} + shown + " is not valid: " + std::string{remedy});
  }

  /// The meaning of `value`, or a mistake that names every choice.
  template <class Value>
  std::optional<Value> choice(std::string_view name, std::string_view value, choices<Value> from) {
    std::string remedy = "use one of";
    for (const auto& [text, meaning] : from) {
      if (text == value) return meaning;
      remedy += " " + std::string{text};
    }
    wrong(name, value, remedy);
    return std::nullopt;
  }

 private:
  bool quiet_;
  std::vector<std::string> all_;
};

}  // namespace ingestor::pg::fsm
