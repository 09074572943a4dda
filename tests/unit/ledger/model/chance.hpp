// Chance that is the same on every machine and library: a schedule is nothing but its seed.
#pragma once

#include <cstdint>

namespace ingestor::ledger::model {

/// SplitMix64.
class chance {
 public:
  explicit chance(std::uint64_t seed) : state_{seed} {}

  /// 0 … n - 1; n is at least 1.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least + 1)));
  }
  /// True once in `n` times; never for 0.
  bool one_in(std::uint64_t n) { return n > 0 && below(n) == 0; }

 private:
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  std::uint64_t state_;
};

}  // namespace ingestor::ledger::model
