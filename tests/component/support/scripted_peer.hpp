// A server that does exactly what a script says, on a thread of its own: for peers that are
// hostile, broken, or exact in their timing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ingestor::testing_support {

/// One connection, blocking. Reading past what the other side sends gives up after five seconds.
class peer {
 public:
  peer(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);

  /// False when the TLS handshake failed; always true without TLS.
  bool accept_tls();

  /// A request's head, up to and with its empty line; empty when the other side closed.
  std::string read_request();

  /// The body that the head announces.
  std::string read_body(std::string_view head);

  void send(std::string_view bytes);

  /// A 200 with a Content-Length, and `more` header lines.
  void answer(std::string_view body, std::string_view more = "");

  /// Whether sending has failed.
  bool closed() const { return closed_; }

  /// Whether the other side closes the connection before the five seconds are over.
  bool sees_close();

 private:
  std::size_t read_some(char* into, std::size_t size);

  boost::asio::ip::tcp::socket socket_;
  bool closed_ = false;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

/// Listens on a free loopback port; each connection runs the script on a thread of its own, with
/// the connection's number, from 1. A connection is closed when its script returns.
class scripted_server {
 public:
  using script = std::function<void(peer&, int connection)>;

  explicit scripted_server(script play, boost::asio::ssl::context* tls = nullptr);
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;
  ~scripted_server();

  std::uint16_t port() const { return port_; }
  std::string url() const;
  int connections() const { return connections_; }

 private:
  void accept_all();

  script play_;
  boost::asio::ssl::context* tls_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::vector<std::thread> sessions_;
  std::thread accepting_;
};

}  // namespace ingestor::testing_support
