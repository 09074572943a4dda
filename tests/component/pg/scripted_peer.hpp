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
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
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

std::string server_error(std::string_view sqlstate, std::string_view severity = "ERROR");
std::string ready(char status = 'I');
/// What lets a client in that is not asked for a password.
std::string welcome();
/// The replies to a statement that gives one bigint.
std::string one_bigint(std::int64_t value);

/// One connection, seen from the server.
class scripted_session {
 public:
  explicit scripted_session(asio::ip::tcp::socket socket);
  scripted_session(const scripted_session&) = delete;
  scripted_session& operator=(const scripted_session&) = delete;
  scripted_session(scripted_session&& other) noexcept;
  scripted_session& operator=(scripted_session&& other) noexcept;
  ~scripted_session();

  /// False once the client is gone.
  asio::awaitable<bool> send(std::string bytes);
  /// In packets of one byte each.
  asio::awaitable<bool> send_slowly(std::string bytes);

  /// Exactly so many bytes, fewer only when the client is gone.
  asio::awaitable<std::string> receive(std::size_t bytes);

  /// A message without a type byte: its body.
  asio::awaitable<std::string> receive_untyped();

  struct message {
    char type = 0;
    std::string body;
  };
  /// Type 0 when the client is gone.
  asio::awaitable<message> receive_message();

  /// Everything up to and including a message of this type; says how many bytes of CopyData went
  /// by.
  asio::awaitable<std::size_t> receive_until(char type);

  /// Waits for the client to go away, dropping what it sends until then.
  asio::awaitable<void> until_gone() { co_await receive_until('\0'); }

  /// The server's side of the TLS handshake; what follows goes over TLS. False when it failed.
  /// `context` must outlive the session.
  asio::awaitable<bool> start_tls(asio::ssl::context& context);

  /// Ends the stream to the client after so many more bytes, those of TLS included; what the client
  /// sends is still read. was_cut() says whether there was anything left to send.
  void cut_after(std::size_t bytes);
  bool was_cut() const;
  /// How many bytes went to the client, those of TLS included.
  std::size_t sent() const;

  /// Keeps a copy of everything that is received, as it was before TLS.
  void record_into(std::string& heard) { heard_ = &heard; }

  /// Says nothing more; what the client sends is still read.
  void end();
  void close();
  /// So that the client sees a reset, whatever it has not read yet.
  void reset();

 protected:
  struct line;

  std::unique_ptr<line> line_;
  std::string* heard_ = nullptr;
};

/// A listening server with one connection at a time.
class scripted_peer : public scripted_session {
 public:
  explicit scripted_peer(asio::io_context& io);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  asio::awaitable<void> accept();

  /// For servers with several connections at a time.
  asio::awaitable<scripted_session> accept_another();

  asio::awaitable<void> let_in();
  asio::awaitable<void> let_in_over_tls(asio::ssl::context& context);

  void stop_listening() { acceptor_.close(); }

 private:
  asio::ip::tcp::acceptor acceptor_;
};

connection_options options_for(const scripted_peer& peer);

/// Runs a script of the client's side and one of the server's until both are through. The scripts
/// may be lambdas with captures: they live in run() until their coroutines have ended.
class stage_play {
 public:
  asio::io_context io;
  scripted_peer peer{io};

  using client_script = std::function<asio::awaitable<void>(stage_play&)>;
  using server_script = std::function<asio::awaitable<void>(scripted_peer&)>;
  void run(const client_script& client, const server_script& server);

  connection_options options() const { return options_for(peer); }

 private:
  void start(asio::awaitable<void> script, const char* who);

  int running_ = 0;
  std::vector<std::pair<std::string, std::exception_ptr>> failures_;
};

asio::awaitable<void> pause(std::chrono::milliseconds time);

inline const statement select_n{"select n", "select n from t", {}, {wire::oid::int8}};

/// A session with the play's server; null, and a failed test, when there is none.
asio::awaitable<std::unique_ptr<connection>> connected(stage_play& play);

}  // namespace ingestor::pg
