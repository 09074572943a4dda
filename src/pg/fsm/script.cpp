#include "pg/fsm/script.hpp"

#include "pg/fsm/violation.hpp"
#include "pg/wire/copy.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/rows.hpp"

namespace ingestor::pg::fsm {

step script_replies::on_reply(const wire::frame& frame) {
  switch (frame.type) {
    case wire::row_description::type: {
      const auto description = wire::row_description::decode(frame.body);
      if (!description) return violation(description.error());
      if (in_rows_) return out_of_place(frame.type);
      in_rows_ = true;
      return next::receive;
    }
    case wire::data_row::type: {
      const auto row = wire::data_row::decode(frame.body);
      if (!row) return violation(row.error());
      if (!in_rows_) return out_of_place(frame.type);
      return next::receive;
    }
    case wire::command_complete::type:
      return on_complete(frame);
    case wire::empty_query_response::type:
      if (in_rows_) return out_of_place(frame.type);
      answered_ = true;
      return next::receive;
    case wire::copy_in_response::type:
    case wire::copy_out_response::type:
    case wire::copy_both_response::type: {
      auto failure = make_error(error_category::statement, "a COPY cannot be a part of a script");
      failure.statement = name_;
      return failure;
    }
    default:
      return out_of_place(frame.type);
  }
}

step script_replies::on_complete(const wire::frame& frame) {
  const auto end = wire::command_complete::decode(frame.body);
  if (!end) return violation(end.error());
  row_set result;
  result.complete(end->tag);
  if (result.bytes() > bytes_left_) {
    return violation("the server answers with more results than this client takes");
  }
  bytes_left_ -= result.bytes();
  results_.push_back(std::move(result));
  in_rows_ = false;
  answered_ = true;
  return next::receive;
}

}  // namespace ingestor::pg::fsm
