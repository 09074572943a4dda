#include "s3/proto/retry.hpp"

#include <gtest/gtest.h>

namespace ingestor::s3::proto {
namespace {

using std::chrono::milliseconds;

error failure(error_kind kind, int status = 0) {
  error out;
  out.kind = kind;
  out.http_status = status;
  return out;
}

const retry_policy policy{
    .attempts_max = 4, .backoff_base = milliseconds{100}, .backoff_max = milliseconds{300}};

TEST(wait_before_retry, grows_to_its_bound_with_full_jitter) {
  const auto lost = failure(error_kind::connection);
  EXPECT_EQ(wait_before_retry(policy, 1, lost, 0.0), milliseconds{0});
  EXPECT_EQ(wait_before_retry(policy, 1, lost, 0.5), milliseconds{50});
  EXPECT_EQ(wait_before_retry(policy, 2, lost, 0.5), milliseconds{100});
  EXPECT_EQ(wait_before_retry(policy, 3, lost, 0.5), milliseconds{150});
}

TEST(wait_before_retry, gives_up_after_the_last_attempt) {
  EXPECT_TRUE(wait_before_retry(policy, 3, failure(error_kind::timeout), 0.5));
  EXPECT_FALSE(wait_before_retry(policy, 4, failure(error_kind::timeout), 0.5));
  EXPECT_FALSE(wait_before_retry({.attempts_max = 1}, 1, failure(error_kind::timeout), 0.5));
}

TEST(wait_before_retry, retries_only_what_may_heal) {
  for (const auto& healing : {failure(error_kind::connection), failure(error_kind::timeout),
                              failure(error_kind::throttled, 429), failure(error_kind::server, 500),
                              failure(error_kind::protocol, 0), failure(error_kind::server, 200)}) {
    EXPECT_TRUE(wait_before_retry(policy, 1, healing, 0.5)) << name_of(healing.kind);
  }
  for (const auto& lasting :
       {failure(error_kind::access_denied, 403), failure(error_kind::no_such_bucket, 404),
        failure(error_kind::no_such_key, 404), failure(error_kind::precondition_failed, 412),
        failure(error_kind::archived, 403), failure(error_kind::credentials),
        failure(error_kind::redirect, 301), failure(error_kind::configuration),
        failure(error_kind::protocol, 200), failure(error_kind::cancelled),
        failure(error_kind::server, 501), failure(error_kind::server, 400)}) {
    EXPECT_FALSE(wait_before_retry(policy, 1, lasting, 0.5)) << name_of(lasting.kind);
  }
}

TEST(wait_before_retry, heeds_retry_after_within_its_bound) {
  auto busy = failure(error_kind::throttled, 503);
  busy.retry_after = std::chrono::seconds{1};
  EXPECT_EQ(wait_before_retry({.backoff_max = milliseconds{5000}}, 1, busy, 0.0),
            milliseconds{1000});
  EXPECT_EQ(wait_before_retry(policy, 1, busy, 0.0), policy.backoff_max);
  busy.retry_after = std::chrono::seconds::max();
  EXPECT_EQ(wait_before_retry(policy, 1, busy, 0.0), policy.backoff_max);
}

TEST(wait_before_retry, does_not_overflow_after_very_many_attempts) {
  const retry_policy patient{.attempts_max = 1'000'000, .backoff_max = milliseconds{20'000}};
  EXPECT_EQ(wait_before_retry(patient, 999'999, failure(error_kind::timeout), 0.5),
            milliseconds{10'000});
}

TEST(retry_budget, is_spent_by_retries_and_filled_by_successes) {
  retry_budget budget;
  const auto lost = failure(error_kind::connection);
  int made = 0;
  while (budget.take(lost)) ++made;
  EXPECT_EQ(made, retry_budget::capacity / retry_budget::retry_cost);
  for (int i = 0; i < retry_budget::retry_cost; ++i) {
    EXPECT_FALSE(budget.take(lost));
    budget.succeeded(0);
  }
  EXPECT_EQ(budget.take(lost), retry_budget::retry_cost);
}

TEST(retry_budget, charges_a_time_out_twice_and_gives_back_what_a_success_had_cost) {
  retry_budget budget;
  const auto slow = budget.take(failure(error_kind::timeout));
  EXPECT_EQ(slow, retry_budget::timeout_cost);
  EXPECT_EQ(budget.left(), retry_budget::capacity - retry_budget::timeout_cost);
  budget.succeeded(*slow);
  EXPECT_EQ(budget.left(), retry_budget::capacity);
  budget.succeeded(0);
  EXPECT_EQ(budget.left(), retry_budget::capacity);
}

}  // namespace
}  // namespace ingestor::s3::proto
