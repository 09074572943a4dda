// What can be wrong on purpose, to show that the simulation would find it.
#pragma once

#include <array>

namespace ingestor::ledger::model {

enum class defect {
  none,
  // The ledger's statements.
  commits_without_fence,
  fence_ignores_token,
  fence_wants_only_one_file,
  token_stays_at_claim,
  token_starts_anew_when_given_back,
  attempt_counted_at_expiry,
  heartbeat_forgotten,
  expiry_by_the_replicas_clock,
  lease_never_expires,
  suspects_join_groups,
  never_given_up,
  failures_without_end,
  failures_never_retried,
  changed_keeps_attempts,
  changed_while_processing,
  overwritten_queued_again,
  replaced_rows_stay,
  replaced_rows_go_too_early,
  given_back_by_anybody,
  claims_what_is_held,
  // The replica.
  rows_committed_before_status,
  unknown_taken_for_committed,
  neighbours_blamed,
  database_blamed_on_file,
  bug_blamed_on_file,
  read_without_if_match,
};

struct named_defect {
  defect which;
  const char* name;
};

inline constexpr std::array defects{
    named_defect{defect::commits_without_fence, "commits_without_fence"},
    named_defect{defect::fence_ignores_token, "fence_ignores_token"},
    named_defect{defect::fence_wants_only_one_file, "fence_wants_only_one_file"},
    named_defect{defect::token_stays_at_claim, "token_stays_at_claim"},
    named_defect{defect::token_starts_anew_when_given_back, "token_starts_anew_when_given_back"},
    named_defect{defect::attempt_counted_at_expiry, "attempt_counted_at_expiry"},
    named_defect{defect::heartbeat_forgotten, "heartbeat_forgotten"},
    named_defect{defect::expiry_by_the_replicas_clock, "expiry_by_the_replicas_clock"},
    named_defect{defect::lease_never_expires, "lease_never_expires"},
    named_defect{defect::suspects_join_groups, "suspects_join_groups"},
    named_defect{defect::never_given_up, "never_given_up"},
    named_defect{defect::failures_without_end, "failures_without_end"},
    named_defect{defect::failures_never_retried, "failures_never_retried"},
    named_defect{defect::changed_keeps_attempts, "changed_keeps_attempts"},
    named_defect{defect::changed_while_processing, "changed_while_processing"},
    named_defect{defect::overwritten_queued_again, "overwritten_queued_again"},
    named_defect{defect::replaced_rows_stay, "replaced_rows_stay"},
    named_defect{defect::replaced_rows_go_too_early, "replaced_rows_go_too_early"},
    named_defect{defect::given_back_by_anybody, "given_back_by_anybody"},
    named_defect{defect::claims_what_is_held, "claims_what_is_held"},
    named_defect{defect::rows_committed_before_status, "rows_committed_before_status"},
    named_defect{defect::unknown_taken_for_committed, "unknown_taken_for_committed"},
    named_defect{defect::neighbours_blamed, "neighbours_blamed"},
    named_defect{defect::database_blamed_on_file, "database_blamed_on_file"},
    named_defect{defect::bug_blamed_on_file, "bug_blamed_on_file"},
    named_defect{defect::read_without_if_match, "read_without_if_match"},
};

}  // namespace ingestor::ledger::model
