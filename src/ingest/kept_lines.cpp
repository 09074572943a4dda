#include "ingest/kept_lines.hpp"

#include "normalise/rejection.hpp"

namespace ingestor::ingest {

void kept_lines::add(const codec::line& line, const normalise::row_outcome& outcome) {
  const auto raw = line.text.substr(0, normalise::rejected_raw_bytes_max);
  entries_.push_back({line.number, line.byte_offset, raw_.size(), raw.size(), outcome});
  raw_.insert(raw_.end(), raw.begin(), raw.end());
}

kept_line kept_lines::operator[](std::size_t row) const {
  const auto& at = entries_[row];
  return {at.number, at.byte_offset, {raw_.data() + at.raw_begin, at.raw_bytes}, at.outcome};
}

void kept_lines::clear() {
  entries_.clear();
  raw_.clear();
}

}  // namespace ingestor::ingest
