#include "normalise/format_decision.hpp"

namespace ingestor::normalise {

evidence evidence_of(const rejection& why, std::string_view line) {
  const bool our_limit =
      why.code == reject_code::too_deep || why.code == reject_code::number_out_of_range;
  const auto first = line.find_first_not_of(" \t\r");
  const bool braced = first != std::string_view::npos && line[first] == '{';
  return our_limit && braced ? evidence::json_object : evidence::none;
}

void format_decision::saw(evidence what, std::uint64_t line_number) {
  if (state_ != state::undecided) return;
  any_line_ = true;
  if (what == evidence::json_object && line_number <= format_lines_max) {
    state_ = state::json_lines;
  } else if (line_number >= format_lines_max) {
    state_ = state::text;
  }
}

void format_decision::ended() {
  if (state_ == state::undecided && any_line_) state_ = state::text;
}

}  // namespace ingestor::normalise
