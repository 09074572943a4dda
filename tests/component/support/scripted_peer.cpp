#include "scripted_peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <sys/socket.h>
#include <sys/time.h>

namespace ingestor::testing_support {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

peer::peer(tcp::socket socket, asio::ssl::context* tls) : socket_{std::move(socket)} {
  // On the descriptor, which Asio leaves blocking: so no read of a script can hang a test.
  const timeval patience{5, 0};
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  // What a script sends leaves at once, not when the other side has acknowledged what came before.
  socket_.set_option(tcp::no_delay{true});
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

bool peer::accept_tls() {
  if (!tls_) return true;
  error_code failed;
  tls_->handshake(asio::ssl::stream_base::server, failed);
  return !failed;
}

std::size_t peer::read_some(char* into, std::size_t size) {
  error_code failed;
  if (tls_) return tls_->read_some(asio::buffer(into, size), failed);
  const auto count = ::recv(socket_.native_handle(), into, size, 0);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::string peer::read_request() {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n") && read_some(&byte, 1) == 1) head.push_back(byte);
  return head;
}

std::string peer::read_body(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  std::size_t left = 0;
  for (auto digits = head.substr(at + name.size()); digits.front() != '\r';
       digits.remove_prefix(1)) {
    left = left * 10 + static_cast<std::size_t>(digits.front() - '0');
  }
  std::string body;
  char byte = 0;
  while (body.size() < left && read_some(&byte, 1) == 1) body.push_back(byte);
  return body;
}

void peer::send(std::string_view bytes) {
  error_code failed;
  if (tls_) {
    asio::write(*tls_, asio::buffer(bytes), failed);
    return;
  }
  while (!bytes.empty()) {
    const auto count = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    closed_ = count <= 0;
    if (closed_) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void peer::answer(std::string_view body, std::string_view more) {
  send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
       std::string{more} + "\r\n" + std::string{body});
}

bool peer::sees_close() {
  char bytes[4096];
  for (;;) {
    const auto count = ::recv(socket_.native_handle(), bytes, sizeof bytes, 0);
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return true;
    if (count < 0) return false;
  }
}

scripted_server::scripted_server(script play, asio::ssl::context* tls)
    : play_{std::move(play)},
      tls_{tls},
      acceptor_{io_, {asio::ip::address_v4::loopback(), 0}},
      port_{acceptor_.local_endpoint().port()},
      accepting_{[this] { accept_all(); }} {}

scripted_server::~scripted_server() {
  stopping_ = true;
  // accept() does not notice that its socket is closed; a connection wakes it.
  tcp::socket wake{io_};
  error_code ignored;
  wake.connect({asio::ip::address_v4::loopback(), port_}, ignored);
  accepting_.join();
  for (auto& session : sessions_) session.join();
}

std::string scripted_server::url() const {
  return (tls_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

void scripted_server::accept_all() {
  for (;;) {
    error_code failed;
    auto socket = acceptor_.accept(failed);
    if (stopping_ || failed) return;
    const int number = ++connections_;
    sessions_.emplace_back([this, number, socket = std::move(socket)]() mutable {
      peer other{std::move(socket), tls_};
      if (other.accept_tls()) play_(other, number);
    });
  }
}

}  // namespace ingestor::testing_support
