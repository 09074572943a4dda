#include "scripted_peer.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <limits>
#include <optional>

namespace ingestor::pg {
namespace {

using asio::ip::tcp;

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

/// A socket that counts what it sends, and stops after so many bytes.
class metered_socket {
 public:
  using executor_type = tcp::socket::executor_type;
  using lowest_layer_type = tcp::socket::lowest_layer_type;

  explicit metered_socket(tcp::socket socket) : socket_{std::move(socket)} {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay{true}, ignored);
  }

  executor_type get_executor() { return socket_.get_executor(); }
  lowest_layer_type& lowest_layer() { return socket_.lowest_layer(); }
  tcp::socket& socket() { return socket_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (left_ == 0) {
      boost::system::error_code ignored;
      was_cut_ = true;
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    const asio::const_buffer all = *asio::buffer_sequence_begin(buffers);
    const auto part = asio::buffer(all, left_);
    if (left_ != unlimited) left_ -= part.size();
    sent_ += part.size();
    // What is shut down fails with an error; a write of nothing would succeed for ever.
    return socket_.async_write_some(was_cut_ ? all : part, std::forward<Token>(token));
  }

  void cut_after(std::size_t bytes) { left_ = bytes; }
  bool was_cut() const { return was_cut_; }
  std::size_t sent() const { return sent_; }

 private:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  tcp::socket socket_;
  std::size_t left_ = unlimited;
  std::size_t sent_ = 0;
  bool was_cut_ = false;
};

}  // namespace

struct scripted_session::line {
  explicit line(tcp::socket over) : socket{std::move(over)} {}

  /// Asio waits for ever for a second end of the same stream.
  bool may_receive = true;
  bool may_send = true;
  metered_socket socket;
  std::optional<asio::ssl::stream<metered_socket&>> tls;
};

std::string server_error(std::string_view sqlstate, std::string_view severity) {
  return bytes_of(
      wire::error_response{{{{'V', severity}, {'C', sqlstate}, {'M', "scripted error"}}}});
}

std::string ready(char status) {
  return bytes_of(wire::ready_for_query{status});
}

std::string welcome() {
  return bytes_of(wire::authentication{wire::authentication_ok{}}) +
         bytes_of(wire::parameter_status{"server_encoding", "UTF8"}) +
         bytes_of(wire::backend_key_data{7, 8}) + ready();
}

std::string one_bigint(std::int64_t value) {
  const auto field = *wire::int8(value).value;
  return bytes_of(wire::parse_complete{}) + bytes_of(wire::bind_complete{}) +
         bytes_of(
             wire::row_description{{{"n", 0, 0, wire::oid::int8, 8, -1, wire::format::binary}}}) +
         bytes_of(wire::data_row{{const_bytes{field}}}) +
         bytes_of(wire::command_complete{"SELECT 1"}) + ready();
}

scripted_session::scripted_session(tcp::socket socket)
    : line_{std::make_unique<line>(std::move(socket))} {}

scripted_session::scripted_session(scripted_session&& other) noexcept = default;
scripted_session& scripted_session::operator=(scripted_session&& other) noexcept = default;
scripted_session::~scripted_session() = default;

asio::awaitable<bool> scripted_session::send(std::string bytes) {
  if (!line_->may_send) co_return false;
  const auto buffer = asio::buffer(bytes);
  if (line_->tls) {
    const auto [failure, sent] = co_await asio::async_write(*line_->tls, buffer, as_tuple);
    line_->may_send = !failure;
  } else {
    const auto [failure, sent] = co_await asio::async_write(line_->socket, buffer, as_tuple);
    line_->may_send = !failure;
  }
  co_return line_->may_send;
}

asio::awaitable<bool> scripted_session::send_slowly(std::string bytes) {
  for (const char each : bytes) {
    std::string alone(1, each);
    const bool sent = co_await send(std::move(alone));
    if (!sent) co_return false;
    co_await asio::post(asio::use_awaitable);
  }
  co_return true;
}

asio::awaitable<std::string> scripted_session::receive(std::size_t bytes) {
  if (!line_->may_receive) co_return std::string{};
  std::string text(bytes, '\0');
  const auto buffer = asio::buffer(text);
  std::size_t read = 0;
  if (line_->tls) {
    const auto done = co_await asio::async_read(*line_->tls, buffer, as_tuple);
    read = std::get<1>(done);
  } else {
    const auto done = co_await asio::async_read(line_->socket, buffer, as_tuple);
    read = std::get<1>(done);
  }
  line_->may_receive = read == bytes;
  text.resize(read);
  if (heard_ != nullptr) *heard_ += text;
  co_return text;
}

asio::awaitable<std::string> scripted_session::receive_untyped() {
  const auto header = co_await receive(4);
  if (header.size() < 4) co_return std::string{};
  wire::reader length{as_bytes(header)};
  co_return co_await receive(static_cast<std::size_t>(length.int32()) - 4);
}

asio::awaitable<scripted_session::message> scripted_session::receive_message() {
  const auto type = co_await receive(1);
  if (type.empty()) co_return message{};
  const auto body = co_await receive_untyped();
  co_return message{type.front(), body};
}

asio::awaitable<std::size_t> scripted_session::receive_until(char type) {
  std::size_t copied = 0;
  for (;;) {
    const auto next = co_await receive_message();
    if (next.type == 'd') copied += next.body.size();
    if (next.type == type || next.type == 0) co_return copied;
  }
}

asio::awaitable<bool> scripted_session::start_tls(asio::ssl::context& context) {
  line_->tls.emplace(line_->socket, context);
  const auto [failure] =
      co_await line_->tls->async_handshake(asio::ssl::stream_base::server, as_tuple);
  line_->may_receive = line_->may_send = !failure;
  co_return !failure;
}

void scripted_session::cut_after(std::size_t bytes) {
  line_->socket.cut_after(bytes);
}

bool scripted_session::was_cut() const {
  return line_->socket.was_cut();
}

std::size_t scripted_session::sent() const {
  return line_->socket.sent();
}

void scripted_session::end() {
  boost::system::error_code ignored;
  line_->socket.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

void scripted_session::close() {
  boost::system::error_code ignored;
  line_->socket.socket().close(ignored);
}

void scripted_session::reset() {
  boost::system::error_code ignored;
  line_->socket.socket().set_option(asio::socket_base::linger{true, 0}, ignored);
  close();
}

scripted_peer::scripted_peer(asio::io_context& io)
    : scripted_session{tcp::socket{io}}, acceptor_{io, {asio::ip::address_v4::loopback(), 0}} {}

asio::awaitable<void> scripted_peer::accept() {
  auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
  line_ = std::make_unique<line>(std::move(socket));
}

asio::awaitable<scripted_session> scripted_peer::accept_another() {
  auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
  co_return scripted_session{std::move(socket)};
}

asio::awaitable<void> scripted_peer::let_in() {
  co_await accept();
  co_await receive_untyped();
  co_await send(welcome());
}

asio::awaitable<void> scripted_peer::let_in_over_tls(asio::ssl::context& context) {
  co_await accept();
  co_await receive_untyped();
  co_await send("S");
  co_await start_tls(context);
  co_await receive_untyped();
  co_await send(welcome());
}

connection_options options_for(const scripted_peer& peer) {
  connection_options options;
  options.servers = {{"127.0.0.1", peer.port()}};
  options.user = "me";
  options.database = "db";
  options.sslmode = ssl_mode::disable;
  return options;
}

void stage_play::run(const client_script& client, const server_script& server) {
  start(server(peer), "server");
  start(client(*this), "client");
  io.run_for(test_timeout);
  EXPECT_EQ(running_, 0) << "somebody still waits";
  for (const auto& each : failures_) {
    try {
      std::rethrow_exception(each.second);
    } catch (const std::exception& what) {
      ADD_FAILURE() << each.first << ": " << what.what();
    }
  }
}

void stage_play::start(asio::awaitable<void> script, const char* who) {
  ++running_;
  auto on_end = [this, who](const std::exception_ptr& failure) {
    --running_;
    if (failure) failures_.emplace_back(who, failure);
  };
  asio::co_spawn(io, std::move(script), std::move(on_end));
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer{co_await asio::this_coro::executor, time};
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<std::unique_ptr<connection>> connected(stage_play& play) {
  auto options = play.options();
  auto made = co_await connect(std::move(options), 5s);
  EXPECT_TRUE(made) << (made ? "" : made.error().text());
  co_return made ? std::move(*made) : nullptr;
}

}  // namespace ingestor::pg
