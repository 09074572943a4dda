#include "ingest/row_search.hpp"

namespace ingestor::ingest {

row_search::row_search(std::size_t rows) {
  if (rows > 0) open_.push_back({{0, rows}, false, false});
}

std::optional<row_range> row_search::next() {
  if (open_.empty()) return std::nullopt;
  while (open_.back().known_refused && open_.back().rows.size() > 1) halve();
  return open_.back().rows;
}

void row_search::landed() {
  const bool all_of_the_left = open_.back().left_half;
  open_.pop_back();
  if (all_of_the_left) open_.back().known_refused = true;
}

void row_search::refused() {
  if (open_.back().rows.size() == 1) {
    open_.pop_back();
  } else {
    open_.back().known_refused = true;
  }
}

void row_search::halve() {
  const auto [first, last] = open_.back().rows;
  const auto middle = first + (last - first) / 2;
  open_.pop_back();
  open_.push_back({{middle, last}, false, false});
  open_.push_back({{first, middle}, false, true});
}

}  // namespace ingestor::ingest
