// Which kind of server this is: target_session_attrs.
// Source: PostgreSQL documentation, "target_session_attrs"; servers from 14 on report
// in_hot_standby and default_transaction_read_only, others (and poolers) are asked.
#pragma once

#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/replies.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::pg::fsm {

enum class verdict { suits, does_not_suit, ask };

/// By what the server reported about itself.
verdict judge(session_attributes wanted, const session_state& session);

/// The query to ask with when judge() could not tell: one row, one column, text.
std::string_view role_query(session_attributes wanted);

/// "read-write" …
std::string_view name_of(session_attributes wanted);

/// The replies to role_query(), as of a simple Query with exactly one row.
class role_replies final : public replies {
 public:
  explicit role_replies(session_attributes wanted) : replies{phase::startup}, wanted_{wanted} {}

  /// Once receive() said finished and nothing failed.
  bool suits() const;

 private:
  step on_reply(const wire::frame& frame) override;
  bool complete() const override { return done_ && answer_.has_value(); }
  std::string_view statement_name() const override { return "target_session_attrs"; }

  session_attributes wanted_;
  std::optional<std::string> answer_;
  bool done_ = false;
};

}  // namespace ingestor::pg::fsm
