#include "pg/fsm/pool_policy.hpp"

#include <algorithm>
#include <optional>

namespace ingestor::pg::fsm {
namespace {

using enum pool_action::kind;

bool must_go(const pool_view& pool, const idle_connection& one) {
  const auto age_max = pool.limits.age_max;
  const bool too_old = age_max.count() > 0 && pool.now - one.began > age_max;
  return pool.closing || !one.reusable || too_old || one.began <= pool.role_changed ||
         one.heard <= pool.unanswered;
}

bool needs_a_check(const pool_view& pool, const idle_connection& one) {
  return !one.settled || pool.now - one.heard > pool.limits.idle_check_after;
}

/// The index of the one heard of last, among those that need a check or among the others.
std::optional<std::size_t> heard_last(const pool_view& pool, bool check_needed) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < pool.idle.size(); ++i) {
    if (needs_a_check(pool, pool.idle[i]) != check_needed) continue;
    if (!best || pool.idle[i].heard > pool.idle[*best].heard) best = i;
  }
  return best;
}

bool may_connect(const pool_view& pool) {
  const auto all = pool.idle.size() + pool.in_use + pool.connecting + pool.checking + pool.retiring;
  const bool wanted = pool.connecting + pool.checking < pool.waiting;
  const bool one_at_a_time = pool.trouble.failures > 0 && pool.connecting > 0;
  return all < pool.limits.size && wanted && !one_at_a_time && pool.now >= pool.trouble.until;
}

}  // namespace

pool_action next_action(const pool_view& pool) {
  if (pool.closing && pool.waiting > 0) return {refuse};
  for (std::size_t i = 0; i < pool.idle.size(); ++i) {
    if (must_go(pool, pool.idle[i])) return {retire, i};
  }
  if (pool.waiting == 0) return {none};
  if (const auto ready = heard_last(pool, false)) return {lend, *ready};
  if (pool.checking < pool.waiting) {
    if (const auto doubtful = heard_last(pool, true)) return {check, *doubtful};
  }
  return {may_connect(pool) ? connect : none};
}

pool_clock::duration backoff(unsigned failures, pool_clock::duration least,
                             pool_clock::duration most, double random) {
  // Compared before it is doubled, so that no number of failures overflows.
  auto pause = std::min(least, most);
  for (unsigned i = 1; i < failures && pause < most; ++i)
    pause = pause > most / 2 ? most : pause * 2;
  const auto half = pause / 2;
  const auto rest = std::chrono::duration<double>{pause - half} * std::clamp(random, 0.0, 1.0);
  return half + std::chrono::duration_cast<pool_clock::duration>(rest);
}

setback after_failure(const setback& before, pool_clock::time_point now, pool_clock::duration least,
                      pool_clock::duration most, double random) {
  if (now < before.until) return before;
  const auto failures = before.failures + 1;
  return {failures, now + backoff(failures, least, most, random)};
}

bool needs_a_person(const error& failure) {
  return failure.category == error_category::authentication ||
         failure.category == error_category::configuration;
}

}  // namespace ingestor::pg::fsm
