// Finds the rows that make a COPY fail, by halves.
//
// It says which rows to send next and is told what became of them. A range that is refused is
// halved; where its left half lands whole, the right one must hold what was refused, and is halved
// without being tried. One row by itself is always tried: the server's words about it are wanted.
// So each refused row among n costs at most 2 · log2(n) tries, rounded up, beside the first.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace ingestor::ingest {

/// From `first` up to but not including `last`, counted from 0.
struct row_range {
  std::size_t first = 0;
  std::size_t last = 0;

  std::size_t size() const { return last - first; }
  friend bool operator==(const row_range&, const row_range&) = default;
};

class row_search {
 public:
  /// The first to be tried are all `rows`, together.
  explicit row_search(std::size_t rows);

  /// The rows to try next; nothing when each has landed or was refused by itself. Tell with
  /// landed() or refused() how it ended, then ask again.
  std::optional<row_range> next();

  void landed();
  void refused();

 private:
  struct part {
    row_range rows;
    /// Refused as they are, or sure to be.
    bool known_refused = false;
    /// What lies below on the stack is the other half.
    bool left_half = false;
  };

  void halve();

  /// What is not settled yet, the leftmost on top: no more than two for each halving.
  std::vector<part> open_;
};

}  // namespace ingestor::ingest
