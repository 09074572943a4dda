// The replies to COPY … FROM STDIN (FORMAT binary), sent as a simple Query:
//
//   copy = CopyInResponse, { CopyData from the client }, CopyDone from the client,
//          CommandComplete ReadyForQuery
//
// After CopyFail instead of CopyDone it answers ErrorResponse instead of CommandComplete. The
// server may report an error at any moment; then it discards what is still under way and answers
// ReadyForQuery by itself, so the client stops writing behind a whole message and drains. As a
// simple Query there is no Sync that could come too early.
#pragma once

#include "pg/fsm/replies.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ingestor::pg::fsm {

class copy_in_replies final : public replies {
 public:
  /// `name` must outlive the handler. `columns`: how many each row has, when known.
  explicit copy_in_replies(std::string_view name, std::optional<std::size_t> columns = {})
      : replies{phase::copy}, name_{name}, columns_{columns} {}

  /// Whether another CopyData is of any use.
  bool may_write() const { return state_ == state::copying && !failure(); }

  /// CopyDone is on its way.
  void end_of_data() { state_ = state::finishing; }

  /// CopyFail is on its way.
  void give_up() { state_ = state::giving_up; }

  /// The server did as it was told by CopyFail. It says 57014 then, which at any other time means
  /// that somebody cancelled the COPY, or a time-out did.
  bool gave_up() const {
    return state_ == state::giving_up && finished() && failure()->sqlstate == "57014";
  }

  /// The rows that the server counted, once receive() said finished and nothing failed.
  std::uint64_t rows() const { return rows_; }

 private:
  enum class state { starting, copying, finishing, giving_up, counted };

  step on_reply(const wire::frame& frame) override;
  bool complete() const override { return state_ == state::counted; }
  std::string_view statement_name() const override { return name_; }
  step on_start(const wire::frame& frame);
  error unusable(std::string message) const;

  std::string_view name_;
  std::optional<std::size_t> columns_;
  state state_ = state::starting;
  std::uint64_t rows_ = 0;
};

}  // namespace ingestor::pg::fsm
