// Bytes to and from one server: TCP or a unix socket, with or without TLS on top.
#pragma once

#include "base/bytes.hpp"
#include "pg/fsm/connection_options.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <array>
#include <cstddef>
#include <optional>

namespace ingestor::pg {

/// One reading and one writing operation may run at the same time. close() ends both.
class transport {
 public:
  using error_code = boost::system::error_code;
  using socket = boost::asio::generic::stream_protocol::socket;
  using endpoint = boost::asio::generic::stream_protocol::endpoint;
  /// Written one after the other without being copied together; any may be empty.
  using gather = std::array<boost::asio::const_buffer, 3>;

  struct read_result {
    error_code failure;
    std::size_t bytes = 0;
  };

  explicit transport(const boost::asio::any_io_executor& executor) : socket_{executor} {}

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }

  boost::asio::awaitable<error_code> connect(endpoint to, keepalive_options keepalives);

  /// Puts TLS on top; tls() is its session. Fails with what OpenSSL says.
  void add_tls(boost::asio::ssl::context& context) { tls_.emplace(socket_, context); }
  SSL* tls() { return tls_ ? tls_->native_handle() : nullptr; }
  boost::asio::awaitable<error_code> handshake();

  /// At least one byte, or why not. Cancelled alone, it takes nothing.
  boost::asio::awaitable<read_result> read_some(mutable_bytes room);

  /// All of it, or why not. After a failure part of it may have gone out.
  boost::asio::awaitable<error_code> write(gather buffers);

  /// What is left of `bytes` after the socket took at once what it could: all of them where TLS is
  /// on top, or the connection is lost, which write() then tells. Not while another writes.
  const_bytes write_now(const_bytes bytes);

  void close();
  bool is_open() const { return socket_.is_open(); }

  /// What has come already, inside of TLS too; would_block when nothing has. Not while another
  /// reading operation runs.
  read_result read_waiting(mutable_bytes room);

 private:
  socket socket_;
  std::optional<boost::asio::ssl::stream<socket&>> tls_;
  /// A read inside of TLS that is cancelled may have met the end of the stream by then: it is not
  /// told, and the socket, which tells its end once, wakes nobody for it again.
  bool end_may_be_lost_ = false;
};

}  // namespace ingestor::pg
