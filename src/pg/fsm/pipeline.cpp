#include "pg/fsm/pipeline.hpp"

#include "pg/fsm/violation.hpp"
#include "pg/wire/query.hpp"

namespace ingestor::pg::fsm {

std::string mismatch(std::span<const wire::oid> expected, const wire::row_description& described) {
  const auto& columns = described.columns;
  if (columns.size() != expected.size()) {
    return "the result has " + std::to_string(columns.size()) + " columns where " +
           std::to_string(expected.size()) + " were expected";
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].type != expected[i]) {
      return "column \"" + std::string{columns[i].name} + "\" is of type " +
             name_of(columns[i].type) + " where " + name_of(expected[i]) + " was expected";
    }
    if (columns[i].encoding != wire::format::binary) {
      return "column \"" + std::string{columns[i].name} + "\" is not sent in its binary form";
    }
  }
  return {};
}

std::string_view pipeline_replies::statement_name() const {
  return complete() ? "commit" : current().name;
}

step pipeline_replies::on_reply(const wire::frame& frame) {
  if (complete()) return out_of_place(frame.type);
  switch (state_) {
    case expecting::parse_complete:
      return expect(frame, wire::parse_complete::type, expecting::bind_complete);
    case expecting::bind_complete:
      return expect(frame, wire::bind_complete::type, expecting::description);
    case expecting::description:
      return on_description(frame);
    case expecting::rows:
      break;
  }
  return frame.type == wire::data_row::type ? on_row(frame) : on_end(frame);
}

step pipeline_replies::expect(const wire::frame& frame, char type, expecting then) {
  if (frame.type != type) return out_of_place(frame.type);
  if (!frame.body.empty()) return violation("an empty message has a body");
  state_ = then;
  return next::receive;
}

step pipeline_replies::on_description(const wire::frame& frame) {
  state_ = expecting::rows;
  const auto& expected = current().result_types;
  rows_ = row_set{expected};
  has_rows_ = frame.type == wire::row_description::type;
  if (frame.type == wire::no_data::type) {
    if (!frame.body.empty()) return violation("an empty message has a body");
    if (expected.empty()) return next::receive;
    return fail(error_category::statement, "the statement gives no rows where rows were expected");
  }
  if (!has_rows_) return out_of_place(frame.type);
  const auto described = wire::row_description::decode(frame.body);
  if (!described) return violation(described.error());
  if (expected.empty()) return next::receive;
  auto problem = mismatch(expected, *described);
  if (!problem.empty()) return fail(error_category::statement, std::move(problem));
  return next::receive;
}

step pipeline_replies::on_row(const wire::frame& frame) {
  if (!has_rows_) return out_of_place(frame.type);
  const auto row = wire::data_row::decode(frame.body);
  if (!row) return violation(row.error());
  const auto& types = current().result_types;
  if (types.empty()) return next::receive;
  if (row->fields.size() != types.size()) {
    return violation("a row has another number of fields than its description");
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (row->fields[i] && !wire::well_formed(types[i], *row->fields[i])) {
      return violation("a field is not a value of type " + name_of(types[i]));
    }
  }
  rows_.append(*row);
  if (rows_.bytes() > bytes_left_) {
    auto failure =
        make_error(error_category::statement, "the result is larger than this client takes");
    failure.statement = statement_name();
    return failure;
  }
  return next::receive;
}

step pipeline_replies::on_end(const wire::frame& frame) {
  if (frame.type == wire::command_complete::type) {
    const auto end = wire::command_complete::decode(frame.body);
    if (!end) return violation(end.error());
    rows_.complete(end->tag);
  } else if (frame.type == 'G' || frame.type == 'H' || frame.type == 'W') {
    auto failure =
        make_error(error_category::statement, "a COPY cannot be executed as a statement");
    failure.statement = statement_name();
    return failure;
  } else if (frame.type != wire::empty_query_response::type) {
    return out_of_place(frame.type);
  }
  bytes_left_ -= std::min(bytes_left_, rows_.bytes());
  results_.push_back(std::move(rows_));
  state_ = expecting::parse_complete;
  return next::receive;
}

}  // namespace ingestor::pg::fsm
