#include "pg/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <limits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

/// Lets each write take as much as the kernel does; Asio's own condition cuts it into 64 KiB.
struct everything {
  std::size_t operator()(const boost::system::error_code& failure, std::size_t) const {
    return failure ? 0 : std::numeric_limits<std::size_t>::max();
  }
};

template <int Name>
using tcp_number = asio::detail::socket_option::integer<IPPROTO_TCP, Name>;

/// 0 leaves the operating system's value.
template <class Option>
void set_positive(transport::socket& socket, std::int64_t value) {
  boost::system::error_code ignored;
  if (value > 0) socket.set_option(Option{static_cast<int>(value)}, ignored);
}

void set_options(transport::socket& socket, const keepalive_options& keepalives) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
  socket.set_option(asio::socket_base::keep_alive{keepalives.enabled}, ignored);
  set_positive<tcp_number<TCP_KEEPIDLE>>(socket, keepalives.idle.count());
  set_positive<tcp_number<TCP_KEEPINTVL>>(socket, keepalives.interval.count());
  set_positive<tcp_number<TCP_KEEPCNT>>(socket, keepalives.count);
  set_positive<tcp_number<TCP_USER_TIMEOUT>>(socket, keepalives.user_timeout.count());
}

}  // namespace

asio::awaitable<transport::error_code> transport::connect(endpoint to,
                                                          keepalive_options keepalives) {
  const auto [failure] = co_await socket_.async_connect(to, as_tuple);
  error_code ignored;
  socket_.non_blocking(true, ignored);  // for read_waiting(); what waits does so in Asio
  const auto family = to.protocol().family();
  if (!failure && (family == AF_INET || family == AF_INET6)) set_options(socket_, keepalives);
  co_return failure;
}

asio::awaitable<transport::error_code> transport::handshake() {
  const auto [failure] = co_await tls_->async_handshake(asio::ssl::stream_base::client, as_tuple);
  co_return failure;
}

asio::awaitable<transport::read_result> transport::read_some(mutable_bytes room) {
  const asio::mutable_buffer buffer{room.data(), room.size()};
  if (tls_) {
    if (end_may_be_lost_) {
      end_may_be_lost_ = false;
      const auto waiting = read_waiting(room);
      if (waiting.failure != asio::error::would_block) co_return waiting;
    }
    const auto [failure, bytes] = co_await tls_->async_read_some(buffer, as_tuple);
    end_may_be_lost_ = failure == asio::error::operation_aborted;
    co_return read_result{failure, bytes};
  }
  const auto [failure, bytes] = co_await socket_.async_read_some(buffer, as_tuple);
  co_return read_result{failure, bytes};
}

asio::awaitable<transport::error_code> transport::write(gather buffers) {
  const everything all;
  if (tls_) {
    const auto [failure, bytes] = co_await asio::async_write(*tls_, buffers, all, as_tuple);
    co_return failure;
  }
  const auto [failure, bytes] = co_await asio::async_write(socket_, buffers, all, as_tuple);
  co_return failure;
}

const_bytes transport::write_now(const_bytes bytes) {
  if (tls_) return bytes;
  error_code failure;
  const auto taken = socket_.write_some(asio::const_buffer{bytes.data(), bytes.size()}, failure);
  return failure ? bytes : bytes.subspan(taken);
}

void transport::close() {
  error_code ignored;
  socket_.close(ignored);
}

transport::read_result transport::read_waiting(mutable_bytes room) {
  const asio::mutable_buffer buffer{room.data(), room.size()};
  read_result read;
  if (tls_) {
    read.bytes = tls_->read_some(buffer, read.failure);
  } else {
    read.bytes = socket_.read_some(buffer, read.failure);
  }
  return read;
}

}  // namespace ingestor::pg
