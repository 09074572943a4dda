#include "ledger/outcome.hpp"

#include <gtest/gtest.h>

namespace ingestor::ledger {
namespace {

using namespace std::chrono_literals;

TEST(next_attempt_of, waits_by_the_attempts_that_are_used_up) {
  failed_file file{};
  EXPECT_EQ(next_attempt_of(file, {1s, 3}), 1s);
  file.attempts = 1;
  EXPECT_EQ(next_attempt_of(file, {1s, 3}), 2s);
  file.attempts = 2;
  EXPECT_FALSE(next_attempt_of(file, {1s, 3}));
}

TEST(next_attempt_of, a_bug_of_ours_is_not_tried_again_by_itself) {
  failed_file file{};
  file.by_bug = true;
  EXPECT_FALSE(next_attempt_of(file, {1s, 3}));
}

}  // namespace
}  // namespace ingestor::ledger
