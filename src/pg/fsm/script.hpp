// The replies to a simple Query, which may hold several statements:
//
//   script = { ([RowDescription { DataRow }] CommandComplete) | EmptyQueryResponse } ReadyForQuery
//
// Its rows come as text and are not kept.
#pragma once

#include "pg/fsm/replies.hpp"
#include "pg/fsm/row_set.hpp"

#include <string_view>
#include <vector>

namespace ingestor::pg::fsm {

class script_replies final : public replies {
 public:
  /// `name` must outlive the handler.
  script_replies(std::string_view name, std::size_t result_bytes_max)
      : replies{phase::statement}, name_{name}, bytes_left_{result_bytes_max} {}

  /// One for each statement, without rows.
  std::vector<row_set> take() { return std::move(results_); }

 private:
  step on_reply(const wire::frame& frame) override;
  bool complete() const override { return !in_rows_ && answered_; }
  std::string_view statement_name() const override { return name_; }
  step on_complete(const wire::frame& frame);

  std::string_view name_;
  std::size_t bytes_left_;
  bool in_rows_ = false;
  bool answered_ = false;
  std::vector<row_set> results_;
};

}  // namespace ingestor::pg::fsm
