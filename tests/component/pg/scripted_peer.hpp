// A server that does what a test says, on a loopback port of its own.
#pragma once

#include "pg/connection.hpp"
#include "pg/wire/authentication.hpp"
#include "pg/wire/copy.hpp"
#include "pg/wire/extended.hpp"
#include "pg/wire/notice.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/reader.hpp"
#include "pg/wire/rows.hpp"
#include "pg/wire/session.hpp"
#include "pg/wire/startup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace ingestor::pg {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// No test needs as long; a hang is a failure, not a stuck suite.
inline constexpr auto test_timeout = 30s;

template <class Message>
std::string bytes_of(const Message& message) {
  wire::writer out;
  message.encode(out);
  return std::string{as_text(*out.finish())};
}

inline std::string server_error(std::string_view sqlstate, std::string_view severity = "ERROR") {
  return bytes_of(
      wire::error_response{{{{'V', severity}, {'C', sqlstate}, {'M', "scripted error"}}}});
}

inline std::string ready(char status = 'I') {
  return bytes_of(wire::ready_for_query{status});
}

/// What lets a client in that is not asked for a password.
inline std::string welcome() {
  return bytes_of(wire::authentication{wire::authentication_ok{}}) +
         bytes_of(wire::parameter_status{"server_encoding", "UTF8"}) +
         bytes_of(wire::backend_key_data{7, 8}) + ready();
}

/// The replies to a statement that gives one bigint.
inline std::string one_bigint(std::int64_t value) {
  const auto field = *wire::int8(value).value;
  return bytes_of(wire::parse_complete{}) + bytes_of(wire::bind_complete{}) +
         bytes_of(
             wire::row_description{{{"n", 0, 0, wire::oid::int8, 8, -1, wire::format::binary}}}) +
         bytes_of(wire::data_row{{const_bytes{field}}}) +
         bytes_of(wire::command_complete{"SELECT 1"}) + ready();
}

/// One connection, seen from the server.
class scripted_session {
 public:
  explicit scripted_session(asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

  /// False once the client is gone.
  asio::awaitable<bool> send(std::string bytes) {
    const auto buffer = asio::buffer(bytes);
    const auto [failure, sent] =
        co_await asio::async_write(socket_, buffer, asio::as_tuple(asio::use_awaitable));
    co_return !failure;
  }

  /// Exactly so many bytes, fewer only when the client is gone.
  asio::awaitable<std::string> receive(std::size_t bytes) {
    std::string text(bytes, '\0');
    const auto buffer = asio::buffer(text);
    const auto [failure, read] =
        co_await asio::async_read(socket_, buffer, asio::as_tuple(asio::use_awaitable));
    text.resize(read);
    co_return text;
  }

  /// A message without a type byte: its body.
  asio::awaitable<std::string> receive_untyped() {
    const auto header = co_await receive(4);
    if (header.size() < 4) co_return std::string{};
    wire::reader length{as_bytes(header)};
    co_return co_await receive(static_cast<std::size_t>(length.int32()) - 4);
  }

  struct message {
    char type = 0;
    std::string body;
  };
  /// Type 0 when the client is gone.
  asio::awaitable<message> receive_message() {
    const auto type = co_await receive(1);
    if (type.empty()) co_return message{};
    const auto body = co_await receive_untyped();
    co_return message{type.front(), body};
  }

  /// Everything up to and including a message of this type; says how many bytes of CopyData went
  /// by.
  asio::awaitable<std::size_t> receive_until(char type) {
    std::size_t copied = 0;
    for (;;) {
      const auto next = co_await receive_message();
      if (next.type == 'd') copied += next.body.size();
      if (next.type == type || next.type == 0) co_return copied;
    }
  }

  /// Waits for the client to go away, dropping what it sends until then.
  asio::awaitable<void> until_gone() { co_await receive_until('\0'); }

  void close() { socket_.close(); }

 protected:
  asio::ip::tcp::socket socket_;
};

/// A listening server with one connection at a time.
class scripted_peer : public scripted_session {
 public:
  explicit scripted_peer(asio::io_context& io)
      : scripted_session{asio::ip::tcp::socket{io}},
        acceptor_{io, {asio::ip::address_v4::loopback(), 0}} {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  asio::awaitable<void> accept() { socket_ = co_await acceptor_.async_accept(asio::use_awaitable); }

  /// For servers with several connections at a time.
  asio::awaitable<scripted_session> accept_another() {
    co_return scripted_session{co_await acceptor_.async_accept(asio::use_awaitable)};
  }

  asio::awaitable<void> let_in() {
    co_await accept();
    co_await receive_untyped();
    co_await send(welcome());
  }

  void stop_listening() { acceptor_.close(); }

 private:
  asio::ip::tcp::acceptor acceptor_;
};

inline connection_options options_for(const scripted_peer& peer) {
  connection_options options;
  options.servers = {{"127.0.0.1", peer.port()}};
  options.user = "me";
  options.database = "db";
  options.sslmode = ssl_mode::disable;
  return options;
}

/// Runs a script of the client's side and one of the server's until both are through. The scripts
/// may be lambdas with captures: they live in run() until their coroutines have ended.
class stage_play {
 public:
  asio::io_context io;
  scripted_peer peer{io};

  template <class Client, class Server>
  void run(Client client, Server server) {
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

  connection_options options() const { return options_for(peer); }

 private:
  void start(asio::awaitable<void> script, const char* who) {
    ++running_;
    auto on_end = [this, who](const std::exception_ptr& failure) {
      --running_;
      if (failure) failures_.emplace_back(who, failure);
    };
    asio::co_spawn(io, std::move(script), std::move(on_end));
  }

  int running_ = 0;
  std::vector<std::pair<std::string, std::exception_ptr>> failures_;
};

inline asio::awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer{co_await asio::this_coro::executor, time};
  co_await timer.async_wait(asio::use_awaitable);
}

inline const statement select_n{"select n", "select n from t", {}, {wire::oid::int8}};

/// A session with the play's server; null, and a failed test, when there is none.
inline asio::awaitable<std::unique_ptr<connection>> connected(stage_play& play) {
  auto options = play.options();
  auto made = co_await connect(std::move(options), 5s);
  EXPECT_TRUE(made) << (made ? "" : made.error().text());
  co_return made ? std::move(*made) : nullptr;
}

}  // namespace ingestor::pg
