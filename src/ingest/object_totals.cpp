#include "ingest/object_totals.hpp"

#include <algorithm>
#include <cstddef>

namespace ingestor::ingest {

void row_totals::count(const normalise::row_outcome& row) {
  ++rows;
  first_timestamp = std::min(first_timestamp, row.at);
  last_timestamp = std::max(last_timestamp, row.at);
  timestamps_missing += row.timestamp_missing ? 1 : 0;
  lines_repaired += row.repaired ? 1 : 0;
  if (row.mismatches.none()) return;
  for (std::size_t column = 0; column < mismatches.size(); ++column) {
    if (row.mismatches.test(column)) ++mismatches[column];
  }
}

void object_totals::count_rejected(normalise::reject_code code, std::uint64_t lines) {
  lines_rejected += lines;
  rejected_by_code[static_cast<std::size_t>(code)] += lines;
}

}  // namespace ingestor::ingest
