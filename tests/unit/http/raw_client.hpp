// A client that writes whatever it likes, and tells how the other side ends.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>

namespace ingestor::http {

/// A blocking client that gives up after a while, so that a test fails instead of hanging.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port, const std::string& host = "127.0.0.1") : socket_{io_} {
    socket_.connect({boost::asio::ip::make_address(host), port});
    const timeval patience{5, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  void send(std::string_view text) {
    boost::system::error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(text), ignored);
  }

  /// Up to the end of the stream; "(reset)" or "(hangs)" at the end tell of another end.
  std::string read_to_end() {
    std::string out;
    for (;;) {
      char piece[4096];
      const auto count = ::recv(socket_.native_handle(), piece, sizeof piece, 0);
      if (count == 0) return out;
      if (count < 0) return out + (errno == ECONNRESET ? "(reset)" : "(hangs)");
      out.append(piece, static_cast<std::size_t>(count));
    }
  }

  /// One answer whose body is as long as its Content-Length says.
  std::string read_answer(bool without_body = false) {
    std::string out;
    while (out.find("\r\n\r\n") == std::string::npos) {
      if (!read_more(out)) return out + "(cut)";
    }
    const auto head_end = out.find("\r\n\r\n") + 4;
    const auto length_at = out.find("Content-Length: ") + 16;
    const auto length = without_body ? 0 : std::stoul(out.substr(length_at));
    while (out.size() < head_end + length) {
      if (!read_more(out)) return out + "(cut)";
    }
    return out;
  }

 private:
  bool read_more(std::string& out) {
    char byte = 0;
    const auto count = ::recv(socket_.native_handle(), &byte, 1, 0);
    if (count > 0) out.push_back(byte);
    return count > 0;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace ingestor::http
