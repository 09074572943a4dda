#include "pg/message_stream.hpp"

#include "pg/fsm/violation.hpp"
#include "pg/tls.hpp"
#include "pg/wire/copy.hpp"
#include "pg/wire/notice.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <tuple>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

asio::const_buffer buffer_of(const_bytes bytes) {
  return {bytes.data(), bytes.size()};
}

error lost(const transport::error_code& why) {
  if (why == asio::error::operation_aborted) {
    return make_error(error_category::connection, "the operation was cancelled");
  }
  if (why == asio::error::eof || why == asio::ssl::error::stream_truncated) {
    return make_error(error_category::connection, "the server closed the connection");
  }
  if (const auto refusal = refusal_of_certificate(why)) return *refusal;
  return make_error(error_category::connection, "the connection is lost: " + why.message());
}

}  // namespace

asio::awaitable<result<void>> message_stream::send(const_bytes bytes) {
  const transport::gather buffers{buffer_of(bytes), {}, {}};
  const auto failure = co_await transport_->write(buffers);
  if (failure) co_return lost(failure);
  co_return result<void>{};
}

asio::awaitable<result<void>> message_stream::read_more() {
  const auto room = arrived_.prepare();
  const auto read = co_await transport_->read_some(room);
  if (read.failure) {
    if (read.failure != asio::error::operation_aborted) transport_->close();
    co_return lost(read.failure);
  }
  arrived_.commit(read.bytes);
  co_return result<void>{};
}

asio::awaitable<result<wire::frame>> message_stream::receive_frame(wire::stage stage) {
  const wire::frame_limits limits{stage, row_bytes_max_};
  for (;;) {
    const auto next = arrived_.next(limits);
    if (!next) {
      transport_->close();
      co_return fsm::violation(next.error());
    }
    if (*next) co_return **next;
    const auto more = co_await read_more();
    if (!more) co_return more.error();
  }
}

asio::awaitable<result<message_stream::tls_answer>> message_stream::receive_tls_answer() {
  while (arrived_.waiting() == 0) {
    const auto more = co_await read_more();
    if (!more) co_return more.error();
  }
  tls_answer answer;
  answer.byte = arrived_.take_byte();
  answer.more_waits = arrived_.waiting() > 0;
  co_return answer;
}

asio::awaitable<result<fsm::next>> message_stream::receive(fsm::replies& handler) {
  for (;;) {
    const auto frame = co_await receive_frame(wire::stage::established);
    if (!frame) co_return handler.interrupted(frame.error());
    const auto step = handler.receive(*frame, session_);
    if (!step) {
      transport_->close();
      co_return step.error();
    }
    if (*step != fsm::next::receive) co_return *step;
  }
}

asio::awaitable<result<fsm::next>> message_stream::exchange(const_bytes bytes,
                                                            fsm::replies& handler) {
  // Most requests fit into the socket's buffer; then there is nothing to do at the same time.
  const auto left = transport_->write_now(bytes);
  if (left.empty()) co_return co_await receive(handler);
  auto sending = send(left);
  auto receiving = receive(handler);
  auto both = std::move(sending) && std::move(receiving);
  const auto [sent, received] = co_await std::move(both);
  // What the server said, if anything, explains more than that writing to it failed.
  if (!received) co_return received.error();
  if (sent) co_return received;
  transport_->close();
  co_return handler.interrupted(sent.error());
}

result<void> message_stream::absorb_arrived() {
  const wire::frame_limits limits{wire::stage::established, row_bytes_max_};
  while (arrived_.waiting() > 0) {
    const char type = arrived_.next_type();
    const bool is_error = type == wire::error_response::type;
    if (!is_error && !fsm::session_state::absorbs(type)) return fsm::out_of_place(type);
    const auto next = arrived_.next(limits);
    if (!next) return fsm::violation(next.error());
    if (!*next) break;
    if (is_error) {
      const auto response = wire::error_response::decode((*next)->body);
      if (!response) return fsm::violation(response.error());
      return from_response(*response, phase::statement);
    }
    const auto absorbed = session_.absorb(**next);
    if (!absorbed) return absorbed.error();
  }
  return {};
}

result<void> message_stream::absorb_unasked() {
  auto outcome = absorb_arrived();
  for (int reads = 0; outcome; ++reads) {
    const auto read = transport_->read_waiting(arrived_.prepare());
    if (read.failure == asio::error::would_block) return {};
    if (read.failure) {
      outcome = lost(read.failure);
    } else if (reads == unasked_reads_max) {
      outcome = fsm::violation("the server talks without end");
    } else {
      arrived_.commit(read.bytes);
      outcome = absorb_arrived();
    }
  }
  transport_->close();
  return outcome;
}

asio::awaitable<void> message_stream::write_copy_data(const_bytes data,
                                                      fsm::copy_in_replies& handler,
                                                      result<void>& outcome) {
  while (!data.empty() && handler.may_write()) {
    const auto payload = data.first(std::min(data.size(), copy_data_bytes));
    const auto header = wire::copy_data_header(payload.size());
    const transport::gather buffers{buffer_of(header), buffer_of(payload), {}};
    const auto failure = co_await transport_->write(buffers);
    if (failure) {
      outcome = lost(failure);
      co_return;
    }
    data = data.subspan(payload.size());
  }
}

asio::awaitable<void> message_stream::receive_until_cancelled(fsm::replies& handler,
                                                              result<void>& outcome) {
  const auto received = co_await receive(handler);
  if (!received) {
    // With the transport still open it was only cancelled, because all is written.
    if (!transport_->is_open()) outcome = received.error();
    co_return;
  }
  // ReadyForQuery came early, after an error. The message being written must still go out whole.
  asio::steady_timer writing{transport_->executor(), asio::steady_timer::time_point::max()};
  co_await writing.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<result<void>> message_stream::send_copy_data(const_bytes data,
                                                             fsm::copy_in_replies& handler) {
  result<void> written;
  result<void> received;
  auto writing = write_copy_data(data, handler, written);
  auto receiving = receive_until_cancelled(handler, received);
  auto either = std::move(writing) || std::move(receiving);
  co_await std::move(either);
  if (!received) co_return received.error();
  if (written) co_return result<void>{};
  if (!handler.finished()) {
    const auto last_words = co_await receive(handler);
    if (!last_words) co_return last_words.error();
  }
  transport_->close();
  co_return handler.interrupted(written.error());
}

}  // namespace ingestor::pg
