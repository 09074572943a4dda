// The ledger's policies under thousands of schedules of claims, heartbeats, expiries, commits,
// clock jumps and deaths, drawn from seeds. INGESTOR_TEST_SEED=N runs that schedule alone,
// INGESTOR_TEST_SCHEDULES=N so many.
#include "model/defect.hpp"
#include "model/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace ingestor::ledger::model {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return otherwise;
  const std::string_view digits{text};
  std::uint64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return read.ec == std::errc{} ? value : otherwise;
}

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t schedules_otherwise = 500;
#else
constexpr std::uint64_t schedules_otherwise = 10'000;
#endif

std::uint64_t schedules() {
  return number_from_environment("INGESTOR_TEST_SCHEDULES", schedules_otherwise);
}

void add(tally& sum, const tally& one) {
  sum.steps += one.steps;
  sum.rounds += one.rounds;
  sum.kills += one.kills;
  sum.claims += one.claims;
  sum.commits += one.commits;
  sum.lost_claims += one.lost_claims;
  sum.lost_answers += one.lost_answers;
  sum.expiries += one.expiries;
  sum.given_up += one.given_up;
}

TEST(ledger_simulation, every_line_lands_once_whatever_dies) {
  const auto only = number_from_environment("INGESTOR_TEST_SEED", 0);
  const auto first = only == 0 ? 1 : only;
  const auto last = only == 0 ? schedules() : only;
  tally sum{};
  std::uint64_t rounds_most = 0;
  for (auto seed = first; seed <= last; ++seed) {
    world one{seed, defect::none};
    const auto violation = one.run();
    ASSERT_EQ(violation, "") << "repeat this with INGESTOR_TEST_SEED=" << seed;
    add(sum, one.counts());
    rounds_most = std::max(rounds_most, one.counts().rounds);
  }
  std::cout << last - first + 1 << " schedules: " << sum.steps << " steps with faults, "
            << sum.rounds << " rounds to settle (" << rounds_most << " at most), " << sum.kills
            << " kills, " << sum.claims << " claims, " << sum.commits << " commits, "
            << sum.lost_claims << " refused by the fence, " << sum.lost_answers << " answers lost, "
            << sum.expiries << " leases run out, " << sum.given_up << " files given up\n";
}

class ledger_defect : public testing::TestWithParam<named_defect> {};

// The simulation is worth as much as what it finds.
TEST_P(ledger_defect, is_found) {
  for (std::uint64_t seed = 1; seed <= schedules(); ++seed) {
    world one{seed, GetParam().which};
    const auto violation = one.run();
    if (violation.empty()) continue;
    std::cout << GetParam().name << ": seed " << seed << ", " << violation << '\n';
    return;
  }
  FAIL() << "no schedule finds it";
}

std::string name_of(const testing::TestParamInfo<named_defect>& of) {
  return of.param.name;
}

INSTANTIATE_TEST_SUITE_P(each, ledger_defect, testing::ValuesIn(defects), name_of);

}  // namespace
}  // namespace ingestor::ledger::model
