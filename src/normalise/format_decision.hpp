// JSON lines or text? An object is read as JSON lines when one of its first 100 lines is a JSON
// object, otherwise as text.
#pragma once

#include "normalise/rejection.hpp"

#include <cstdint>
#include <string_view>

namespace ingestor::normalise {

/// Blank lines count.
inline constexpr std::uint64_t format_lines_max = 100;

/// What a line that json_row() has looked at says about its file.
enum class evidence { json_object, none };

/// A line is a JSON object if it became a row, or if it is one that only this program's own limits
/// (depth, numbers) refuse.
evidence evidence_of(const rejection& why, std::string_view line);

/// Fed with the lines that are not blank, in order, until it is decided; then it stays so.
class format_decision {
 public:
  enum class state { undecided, json_lines, text };

  void saw(evidence what, std::uint64_t line_number);

  /// The object has ended. One without any line stays undecided: there is nothing to decide.
  void ended();

  state now() const { return state_; }

 private:
  state state_ = state::undecided;
  bool any_line_ = false;
};

}  // namespace ingestor::normalise
