// What all replies of an established session have in common:
//
//   replies = { reply | ErrorResponse | NoticeResponse | ParameterStatus | NotificationResponse }
//             ReadyForQuery
//
// After the first ErrorResponse nothing counts any more but the ReadyForQuery that belongs to our
// Sync (or Query): everything before it is drained. A FATAL error ends the connection at once.
//
// A handler decides; it neither reads nor writes. The driver feeds it frames and does what `next`
// says.
#pragma once

#include "pg/fsm/error.hpp"
#include "pg/fsm/session_state.hpp"
#include "pg/wire/frame.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::pg::fsm {

enum class next {
  receive,   ///< another frame
  proceed,   ///< this part of the exchange is over, the client's turn
  finished,  ///< ReadyForQuery was seen: the connection is ready for the next operation
};

/// An error here means that the connection must be closed.
using step = result<next>;

class replies {
 public:
  explicit replies(phase during) : during_{during} {}
  virtual ~replies() = default;
  replies(const replies&) = delete;
  replies& operator=(const replies&) = delete;

  step receive(const wire::frame& frame, session_state& session);

  /// The first error: the server's, or one of the caller's expectations that did not hold. The
  /// connection is usable after it once receive() said finished.
  const std::optional<error>& failure() const { return failure_; }

  /// ReadyForQuery was seen; nothing more will come.
  bool finished() const { return finished_; }

  /// What to tell when the stream ended, `why`: an error that came before explains it better.
  error interrupted(error why) const { return failure_.value_or(std::move(why)); }

 protected:
  /// Any frame that is not one of those above, while nothing has failed.
  virtual step on_reply(const wire::frame& frame) = 0;
  /// Whether ReadyForQuery is due.
  virtual bool complete() const = 0;
  virtual std::string_view statement_name() const = 0;

  /// Remembers a failure of ours; what follows is drained.
  next fail(error_category category, std::string message);

 private:
  step on_error(const wire::frame& frame);
  step on_ready(const wire::frame& frame, session_state& session);

  phase during_;
  bool finished_ = false;
  std::optional<error> failure_;
};

}  // namespace ingestor::pg::fsm
