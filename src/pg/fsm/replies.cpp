#include "pg/fsm/replies.hpp"

#include "pg/fsm/violation.hpp"
#include "pg/wire/notice.hpp"

namespace ingestor::pg::fsm {
namespace {

/// These make the server wait for us, or send for ever; there is no draining them.
bool starts_a_copy(char type) {
  return type == 'G' || type == 'H' || type == 'W';
}

/// These belong to logging in and have no place in an established session.
bool belongs_to_startup(char type) {
  return type == 'R' || type == 'K' || type == 'v';
}

}  // namespace

step replies::receive(const wire::frame& frame, session_state& session) {
  const auto absorbed = session.absorb(frame);
  if (!absorbed) return absorbed.error();
  if (*absorbed) return next::receive;
  if (frame.type == wire::error_response::type) return on_error(frame);
  if (frame.type == wire::ready_for_query::type) return on_ready(frame, session);
  if (belongs_to_startup(frame.type)) return out_of_place(frame.type);
  if (!failure_) return on_reply(frame);
  if (starts_a_copy(frame.type)) return *failure_;
  return next::receive;
}

step replies::on_error(const wire::frame& frame) {
  const auto response = wire::error_response::decode(frame.body);
  if (!response) return violation(response.error());
  auto failure = from_response(*response, during_);
  failure.statement = statement_name();
  if (ends_the_connection(failure)) return failure;
  if (!failure_) failure_ = std::move(failure);
  return next::receive;
}

step replies::on_ready(const wire::frame& frame, session_state& session) {
  const auto ready = wire::ready_for_query::decode(frame.body);
  if (!ready) return violation(ready.error());
  if (!failure_ && !complete()) return out_of_place(frame.type);
  session.set_ready(ready->transaction_status);
  finished_ = true;
  return next::finished;
}

next replies::fail(error_category category, std::string message) {
  failure_ = make_error(category, std::move(message));
  failure_->statement = statement_name();
  return next::receive;
}

}  // namespace ingestor::pg::fsm
