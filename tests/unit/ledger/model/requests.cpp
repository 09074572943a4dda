#include "model/requests.hpp"

#include "model/world.hpp"

namespace ingestor::ledger::model {
bool enqueue_request::run(world& in) {
  (void)in.ledger.enqueue(objects, in.then);
  in.check(cause::enqueue, session);
  return true;
}

bool requeue_request::run(world& in) {
  const auto due = in.ledger.requeue("", in.requeue_files_max, own_clock);
  in.count().expiries += static_cast<std::uint64_t>(due.expired);
  in.count().given_up += static_cast<std::uint64_t>(due.given_up);
  in.check(cause::requeue, session);
  return true;
}

bool take_request::run(world& in) {
  files = in.ledger.take("", terms, from);
  in.count().claims += files.size();
  in.check(cause::take, session);
  for (const auto& file : files) in.renewed(file.held);
  return true;
}

bool keep_request::run(world& in) {
  for (const auto& held : claims) in.renewed(held);
  lost = in.ledger.keep(claims, in.lease);
  in.check(cause::keep, session);
  return true;
}

bool give_back_request::run(world& in) {
  (void)in.ledger.give_back(claims, where);
  in.check(cause::give_back, session);
  return true;
}

bool give_back_unknown_request::run(world& in) {
  (void)in.ledger.give_back_unknown(session, known);
  in.check(cause::give_back, session);
  return true;
}

bool give_back_changed_request::run(world& in) {
  in.ledger.give_back_changed(held, now.etag, now.size);
  in.check(cause::give_back, session);
  return true;
}

bool settle_request::run(world& in) {
  fates = in.ledger.settle(claims);
  in.check(cause::give_back, session);
  return true;
}

bool commit_request::waits(const table& ledger) const {
  return !is_open && ledger.waits_for(claims_of(end));
}

bool commit_request::run(world& in) {
  if (!is_open) {
    if (in.broken == defect::rows_committed_before_status) {
      for (const auto& file : end.completed) in.ledger.land(file.held.id, file.etag);
      in.check(cause::commit, session);
    }
    is_open = in.ledger.fence(end);
    if (!is_open) ++in.count().lost_claims;
    return !is_open;
  }
  is_open = false;
  is_committed = true;
  ++in.count().commits;
  for (const auto& file : end.failed) in.failed(file);
  for (const auto& file : end.completed) in.completed(file.held);
  in.ledger.commit(end, in.retry);
  in.check(cause::commit, session);
  return true;
}

void commit_request::abort(world& in) {
  if (is_open) in.ledger.roll_back(end);
  is_open = false;
}

}  // namespace ingestor::ledger::model
