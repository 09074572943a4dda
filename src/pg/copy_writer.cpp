#include "pg/copy_writer.hpp"

#include "pg/fsm/pipeline.hpp"
#include "pg/operation.hpp"
#include "pg/wire/copy.hpp"
#include "pg/wire/query.hpp"

#include <stdexcept>
#include <utility>

namespace ingestor::pg {

namespace asio = boost::asio;

namespace {

/// What the client sent before it heard of an error the server passes over. But a pooler that had
/// taken its connection to the server back by then has lent one again for it, and keeps it lent
/// until the next ReadyForQuery: so one is asked for. In a transaction the ROLLBACK brings it, and
/// behind CopyFail, which ended the COPY, nothing was sent. Says whether all went well.
asio::awaitable<bool> return_to_pooler(message_stream& stream, const fsm::copy_in_replies& copy) {
  if (stream.session().transaction_status() != 'I' || copy.gave_up()) co_return true;
  wire::writer out;
  fsm::encode_pipeline({}, out);
  const auto sync = out.finish();
  fsm::pipeline_replies replies{{}, 0};
  const auto done = co_await stream.exchange(*sync, replies);
  co_return done && !replies.failure();
}

}  // namespace

struct copy_writer::copy {
  copy(connection& connection, std::string_view statement, std::optional<std::size_t> columns)
      : on{connection}, name{statement}, replies{name, columns} {}

  connection& on;
  std::string name;
  fsm::copy_in_replies replies;
  /// The COPY is open; nobody but this writer may use the connection.
  bool open = false;
};

void copy_writer::copy_closer::operator()(copy* one) const {
  if (one->open) {
    one->on.stream_->below().close();
    one->on.use_ = connection::use::idle;
  }
  delete one;
}

asio::awaitable<result<copy_writer>> copy_writer::begin(connection& on, std::string_view name,
                                                        std::string_view sql, duration timeout,
                                                        std::optional<std::size_t> columns) {
  if (on.use_ == connection::use::copying) throw std::logic_error{"a COPY inside a COPY"};
  std::unique_ptr<copy, copy_closer> one{new copy{on, name, columns}};
  wire::writer out;
  wire::query{sql}.encode(out);
  const auto bytes = out.finish();
  if (!bytes) {
    auto refusal = make_error(error_category::statement, bytes.error().reason);
    refusal.statement = name;
    co_return refusal;
  }
  connection::operation running{on, name, timeout};
  if (running.refusal()) co_return *running.refusal();
  const auto started = co_await on.stream_->exchange(*bytes, one->replies);
  if (!started) co_return running.explain(started.error());
  if (one->replies.finished()) {
    running.settle();
    co_return running.explain(*one->replies.failure());
  }
  running.settle(connection::use::copying);
  one->open = true;
  co_return copy_writer{std::move(one)};
}

asio::awaitable<result<void>> copy_writer::write(const_bytes data, duration timeout) {
  if (!copy_->open) throw std::logic_error{"writing to a COPY that is over"};
  auto& on = copy_->on;
  auto& replies = copy_->replies;
  // From here on the operation answers for the connection: whatever ends it early closes it.
  copy_->open = false;
  connection::operation running{on, copy_->name, timeout};
  if (running.refusal()) co_return *running.refusal();
  const auto written = co_await on.stream_->send_copy_data(data, replies);
  if (!written) co_return running.explain(written.error());
  if (!replies.failure()) {
    running.settle(connection::use::copying);
    copy_->open = true;
    co_return result<void>{};
  }
  if (!replies.finished()) {
    const auto drained = co_await on.stream_->receive(replies);
    if (!drained) co_return running.explain(drained.error());
  }
  if (co_await return_to_pooler(*on.stream_, replies)) running.settle();
  co_return running.explain(*replies.failure());
}

asio::awaitable<result<void>> copy_writer::end(const_bytes message, duration timeout) {
  if (!copy_->open) throw std::logic_error{"ending a COPY that is over"};
  auto& on = copy_->on;
  auto& replies = copy_->replies;
  copy_->open = false;
  connection::operation running{on, copy_->name, timeout};
  if (running.refusal()) co_return *running.refusal();
  const auto done = co_await on.stream_->exchange(message, replies);
  if (!done) co_return running.explain(done.error());
  if (!replies.failure()) {
    running.settle();
    co_return result<void>{};
  }
  if (co_await return_to_pooler(*on.stream_, replies)) running.settle();
  co_return running.explain(*replies.failure());
}

asio::awaitable<result<std::uint64_t>> copy_writer::finish(duration timeout) {
  wire::writer out;
  wire::copy_done{}.encode(out);
  const auto bytes = out.finish();
  copy_->replies.end_of_data();
  const auto ended = co_await end(*bytes, timeout);
  if (!ended) co_return ended.error();
  co_return copy_->replies.rows();
}

asio::awaitable<result<void>> copy_writer::abort(std::string_view reason, duration timeout) {
  wire::writer out;
  wire::copy_fail{reason}.encode(out);
  const auto bytes = out.finish();
  if (!bytes) co_return make_error(error_category::statement, bytes.error().reason);
  copy_->replies.give_up();
  const auto ended = co_await end(*bytes, timeout);
  if (copy_->replies.gave_up()) co_return result<void>{};
  co_return ended;
}

}  // namespace ingestor::pg
