// What was counted of one object.
#pragma once

#include "base/time.hpp"
#include "normalise/column.hpp"
#include "normalise/rejection.hpp"
#include "normalise/row_encoder.hpp"

#include <array>
#include <cstdint>

namespace ingestor::ingest {

struct row_totals {
  std::uint64_t rows = 0;
  /// By normalise::column: values that did not fit and became NULL.
  std::array<std::uint64_t, normalise::column_count> mismatches{};
  std::uint64_t timestamps_missing = 0;
  std::uint64_t lines_repaired = 0;
  /// Meaningless where there are no rows.
  timestamp first_timestamp = timestamp::max();
  timestamp last_timestamp = timestamp::min();

  void count(const normalise::row_outcome& row);
};

struct object_totals : row_totals {
  std::uint64_t lines_rejected = 0;
  /// By normalise::reject_code.
  std::array<std::uint64_t, normalise::reject_codes.size()> rejected_by_code{};
  std::uint64_t bytes_compressed = 0;
  std::uint64_t bytes_inflated = 0;

  void count_rejected(normalise::reject_code code, std::uint64_t lines = 1);
};

}  // namespace ingestor::ingest
