#include "pg/fsm/copy_in.hpp"

#include "pg/fsm/violation.hpp"
#include "pg/wire/copy.hpp"
#include "pg/wire/query.hpp"

#include <algorithm>

namespace ingestor::pg::fsm {

step copy_in_replies::on_reply(const wire::frame& frame) {
  if (state_ == state::starting) return on_start(frame);
  if (state_ != state::finishing || frame.type != wire::command_complete::type) {
    return out_of_place(frame.type);
  }
  const auto end = wire::command_complete::decode(frame.body);
  if (!end) return violation(end.error());
  if (!end->tag.starts_with("COPY ")) return unusable("the statement is more than one COPY");
  rows_ = wire::rows_of(end->tag);
  state_ = state::counted;
  return next::receive;
}

step copy_in_replies::on_start(const wire::frame& frame) {
  if (frame.type != wire::copy_in_response::type) {
    return unusable("the statement is not a COPY FROM STDIN");
  }
  const auto response = wire::copy_in_response::decode(frame.body);
  if (!response) return violation(response.error());
  const bool binary = response->overall == wire::format::binary &&
                      std::all_of(response->columns.begin(), response->columns.end(),
                                  [](wire::format each) { return each == wire::format::binary; });
  if (!binary) return unusable("the COPY is not in binary format");
  if (columns_ && *columns_ != response->columns.size()) {
    return unusable("the COPY wants " + std::to_string(response->columns.size()) +
                    " columns and the rows have " + std::to_string(*columns_));
  }
  state_ = state::copying;
  return next::proceed;
}

error copy_in_replies::unusable(std::string message) const {
  auto failure = make_error(error_category::statement, std::move(message));
  failure.statement = name_;
  return failure;
}

}  // namespace ingestor::pg::fsm
