#include "pg/fsm/session_role.hpp"

#include "pg/fsm/violation.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/rows.hpp"

namespace ingestor::pg::fsm {
namespace {

bool about_writing(session_attributes wanted) {
  return wanted == session_attributes::read_write || wanted == session_attributes::read_only;
}

bool suits_when(session_attributes wanted, bool read_only_or_standby) {
  const bool wants_primary =
      wanted == session_attributes::read_write || wanted == session_attributes::primary;
  return wants_primary != read_only_or_standby;
}

}  // namespace

verdict judge(session_attributes wanted, const session_state& session) {
  if (wanted == session_attributes::any) return verdict::suits;
  const auto standby = session.parameter("in_hot_standby");
  const auto read_only = session.parameter("default_transaction_read_only");
  if (standby.empty() || read_only.empty()) return verdict::ask;
  const bool yes = standby == "on" || (about_writing(wanted) && read_only == "on");
  return suits_when(wanted, yes) ? verdict::suits : verdict::does_not_suit;
}

std::string_view role_query(session_attributes wanted) {
  return about_writing(wanted) ? "SHOW transaction_read_only"
                               : "SELECT pg_catalog.pg_is_in_recovery()";
}

std::string_view name_of(session_attributes wanted) {
  switch (wanted) {
    case session_attributes::any:
      return "any";
    case session_attributes::read_write:
      return "read-write";
    case session_attributes::read_only:
      return "read-only";
    case session_attributes::primary:
      return "primary";
    case session_attributes::standby:
      return "standby";
    case session_attributes::prefer_standby:
      return "prefer-standby";
  }
  return "unknown";
}

bool role_replies::suits() const {
  return suits_when(wanted_, answer_ == "on" || answer_ == "t");
}

step role_replies::on_reply(const wire::frame& frame) {
  if (done_) return out_of_place(frame.type);
  switch (frame.type) {
    case wire::row_description::type:
      return next::receive;
    case wire::data_row::type: {
      const auto row = wire::data_row::decode(frame.body);
      if (!row) return violation(row.error());
      if (answer_ || row->fields.size() != 1 || !row->fields[0]) return out_of_place(frame.type);
      answer_ = as_text(*row->fields[0]);
      return next::receive;
    }
    case wire::command_complete::type:
      done_ = true;
      return next::receive;
    default:
      return out_of_place(frame.type);
  }
}

}  // namespace ingestor::pg::fsm
