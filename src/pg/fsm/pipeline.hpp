// The replies to a pipeline of the extended protocol:
//
//   statement  = ParseComplete BindComplete (RowDescription | NoData) { DataRow }
//                (CommandComplete | EmptyQueryResponse)
//   pipeline   = { statement } ReadyForQuery
#pragma once

#include "pg/fsm/replies.hpp"
#include "pg/fsm/row_set.hpp"
#include "pg/fsm/statement.hpp"
#include "pg/wire/rows.hpp"

#include <span>
#include <vector>

namespace ingestor::pg::fsm {

class pipeline_replies final : public replies {
 public:
  /// The statements must outlive the handler. `result_bytes_max` bounds all rows together.
  pipeline_replies(std::span<const statement> statements, std::size_t result_bytes_max)
      : replies{phase::statement}, statements_{statements}, bytes_left_{result_bytes_max} {}

  /// One for each statement, once receive() said finished and nothing failed.
  std::vector<row_set> take() { return std::move(results_); }

 private:
  enum class expecting { parse_complete, bind_complete, description, rows };

  step on_reply(const wire::frame& frame) override;
  bool complete() const override { return results_.size() == statements_.size(); }
  std::string_view statement_name() const override;

  step expect(const wire::frame& frame, char type, expecting then);
  step on_description(const wire::frame& frame);
  step on_row(const wire::frame& frame);
  step on_end(const wire::frame& frame);
  const statement& current() const { return statements_[results_.size()]; }

  std::span<const statement> statements_;
  std::size_t bytes_left_;
  expecting state_ = expecting::parse_complete;
  bool has_rows_ = false;
  row_set rows_;
  std::vector<row_set> results_;
};

/// Why a result that is described so cannot be read as `expected`; empty when it can.
std::string mismatch(std::span<const wire::oid> expected, const wire::row_description& described);

}  // namespace ingestor::pg::fsm
