#include "pg/connection.hpp"

#include "pg/copy_writer.hpp"
#include "pg/fsm/pipeline.hpp"
#include "pg/fsm/script.hpp"
#include "pg/fsm/session_role.hpp"
#include "pg/operation.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/reader.hpp"
#include "pg/wire/session.hpp"

#include <stdexcept>
#include <utility>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;

/// How long saying goodbye may take: it fits into any socket's buffer.
constexpr std::chrono::seconds goodbye_timeout{1};

}  // namespace

connection::connection(login_request how, std::unique_ptr<message_stream> stream)
    : how_{std::move(how)}, server_{how_.server.text()}, stream_{std::move(stream)} {}

connection::~connection() = default;

bool connection::usable() const {
  return use_ == use::idle && stream_->below().is_open();
}

bool connection::quiet() {
  if (!usable()) return false;
  const auto unasked = stream_->absorb_unasked();
  if (unasked) return true;
  last_words_ = unasked.error();
  if (last_words_->category == error_category::shutdown) outdated_ = true;
  return false;
}

asio::awaitable<bool> connection::answers(duration timeout) {
  const std::span<const statement> none;
  const auto answer = co_await pipeline(none, timeout);
  // A cancel that came late is a sign of life, too.
  const bool alive = answer || answer.error().sqlstate == "57014";
  if (!alive) drop();
  co_return usable();
}

bool connection::outdated() const {
  return outdated_ ||
         fsm::judge(how_.options.target, stream_->session()) == fsm::verdict::does_not_suit;
}

asio::awaitable<result<void>> connection::run(const_bytes bytes, fsm::replies& handler,
                                              std::string_view name, duration timeout) {
  if (use_ == use::copying) throw std::logic_error{"the connection belongs to a COPY"};
  operation running{*this, name, timeout};
  if (running.refusal()) co_return *running.refusal();
  const auto done = co_await stream_->exchange(bytes, handler);
  if (!done) co_return running.explain(done.error());
  running.settle();
  if (handler.failure()) co_return running.explain(*handler.failure());
  co_return result<void>{};
}

asio::awaitable<result<std::vector<row_set>>> connection::pipeline(
    std::span<const statement> statements, duration timeout) {
  const auto name = statements.empty() ? std::string_view{"an empty pipeline"} : statements[0].name;
  wire::writer out;
  fsm::encode_pipeline(statements, out);
  const auto bytes = out.finish();
  if (!bytes) {
    auto refusal = make_error(error_category::statement, bytes.error().reason);
    refusal.statement = name;
    co_return refusal;
  }
  fsm::pipeline_replies replies{statements, how_.options.result_bytes_max};
  const auto done = co_await run(*bytes, replies, name, timeout);
  if (!done) co_return done.error();
  co_return replies.take();
}

asio::awaitable<result<row_set>> connection::query(const statement& s, duration timeout) {
  const std::span<const statement> alone{&s, 1};
  auto all = co_await pipeline(alone, timeout);
  if (!all) co_return all.error();
  co_return std::move(all->front());
}

asio::awaitable<result<std::uint64_t>> connection::execute(const statement& s, duration timeout) {
  const auto done = co_await query(s, timeout);
  if (!done) co_return done.error();
  co_return done->rows_affected();
}

asio::awaitable<result<std::vector<row_set>>> connection::run_script(std::string_view name,
                                                                     std::string_view sql,
                                                                     duration timeout) {
  wire::writer out;
  wire::query{sql}.encode(out);
  const auto bytes = out.finish();
  if (!bytes) {
    auto refusal = make_error(error_category::statement, bytes.error().reason);
    refusal.statement = name;
    co_return refusal;
  }
  fsm::script_replies replies{name, how_.options.result_bytes_max};
  const auto done = co_await run(*bytes, replies, name, timeout);
  if (!done) co_return done.error();
  co_return replies.take();
}

asio::awaitable<result<std::uint64_t>> connection::copy_in(std::string_view name,
                                                           std::string_view sql,
                                                           const wire::copy_buffer& rows,
                                                           duration timeout) {
  // Without its trailer a stream that was cut between two rows would be taken for a whole one.
  if (!rows.finished()) throw std::logic_error{"a copy_buffer is sent before it is finished"};
  const auto until = std::chrono::steady_clock::now() + timeout;
  auto writer = co_await copy_writer::begin(*this, name, sql, timeout, rows.columns());
  if (!writer) co_return writer.error();
  const auto bytes = rows.bytes();
  const auto written = co_await writer->write(bytes, until - std::chrono::steady_clock::now());
  if (!written) co_return written.error();
  co_return co_await writer->finish(until - std::chrono::steady_clock::now());
}

asio::awaitable<result<void>> connection::cancel(duration timeout) {
  const auto& key = stream_->session().key();
  if (!key) {
    auto refusal = make_error(error_category::statement,
                              "the server gave no key with which a statement could be cancelled");
    refusal.server = server_;
    co_return refusal;
  }
  auto request = how_;
  request.until = std::chrono::steady_clock::now() + timeout;
  // A session that came about over TLS is not cancelled in the clear.
  request.tls = stream_->below().tls() != nullptr ? fsm::tls_use::required : fsm::tls_use::none;
  cancels_.sent();
  auto done = co_await send_cancel(request, *key);
  if (!done) {
    auto failure = done.error();
    failure.server = server_;
    co_return failure;
  }
  cancels_.taken();
  co_return result<void>{};
}

asio::awaitable<void> connection::close() {
  if (!usable()) {
    stream_->below().close();
    co_return;
  }
  const operation running{*this, "closing", goodbye_timeout};
  if (running.refusal()) co_return;
  wire::writer out;
  wire::terminate{}.encode(out);
  const auto bytes = out.finish();
  co_await stream_->send(*bytes);
}

}  // namespace ingestor::pg
