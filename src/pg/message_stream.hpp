// Frames in, messages out: the loop that does what the state machines decide.
#pragma once

#include "pg/fsm/copy_in.hpp"
#include "pg/fsm/replies.hpp"
#include "pg/fsm/session_state.hpp"
#include "pg/transport.hpp"
#include "pg/wire/frame_buffer.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace ingestor::pg {

/// Payload of one CopyData message: large enough that headers and wake-ups do not count, small
/// enough that writing stops soon after an error.
inline constexpr std::size_t copy_data_bytes = 256U * 1024;

/// How much an idle session may say between two operations, in reads of one buffer each.
inline constexpr int unasked_reads_max = 32;

/// A failure to receive closes the transport, unless it was cancelled. A failure to send does not:
/// what the server said before it went away may still be there to be read.
class message_stream {
 public:
  message_stream(std::unique_ptr<transport> over, std::size_t row_bytes_max)
      : transport_{std::move(over)}, row_bytes_max_{row_bytes_max} {}

  transport& below() { return *transport_; }
  fsm::session_state& session() { return session_; }
  const fsm::session_state& session() const { return session_; }

  boost::asio::awaitable<result<void>> send(const_bytes bytes);

  /// The frame lives until the next call.
  boost::asio::awaitable<result<wire::frame>> receive_frame(wire::stage stage);
  /// The byte that answers SSLRequest, and whether more came with it.
  struct tls_answer {
    char byte = 0;
    bool more_waits = false;
  };
  boost::asio::awaitable<result<tls_answer>> receive_tls_answer();

  /// Feeds the handler until it wants something else than another frame.
  boost::asio::awaitable<result<fsm::next>> receive(fsm::replies& handler);

  /// Sends and receives at the same time: neither side waits for the other's buffers. It succeeds
  /// only when all was sent, too; where it was not, the server's own error wins.
  boost::asio::awaitable<result<fsm::next>> exchange(const_bytes bytes, fsm::replies& handler);

  /// Between operations: takes the notices, settings and notifications that came unasked, without
  /// waiting for more. When anything else came, or the server went away, the transport is closed
  /// and the error says why: what an idle server says would be taken for the next statement's
  /// replies.
  result<void> absorb_unasked();

  /// Sends `data` as CopyData messages while receiving. Stops behind a whole message once an error
  /// came; the handler says so. Fails as exchange() does. The payload is not copied.
  boost::asio::awaitable<result<void>> send_copy_data(const_bytes data,
                                                      fsm::copy_in_replies& handler);

 private:
  boost::asio::awaitable<result<void>> read_more();
  result<void> absorb_arrived();
  boost::asio::awaitable<void> write_copy_data(const_bytes data, fsm::copy_in_replies& handler,
                                               result<void>& outcome);
  boost::asio::awaitable<void> receive_until_cancelled(fsm::replies& handler,
                                                       result<void>& outcome);

  std::unique_ptr<transport> transport_;
  wire::frame_buffer arrived_;
  fsm::session_state session_;
  std::size_t row_bytes_max_;
};

}  // namespace ingestor::pg
