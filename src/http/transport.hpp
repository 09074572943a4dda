// One byte stream to a peer, plain or under TLS, with a deadline.
#pragma once

#include "base/result.hpp"
#include "http/tls_sessions.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace ingestor::http {

struct handshake_failure {
  boost::system::error_code code;
  /// OpenSSL's words, if it was the certificate; else empty.
  std::string distrust;
  /// No authority that we trust has signed the certificate.
  bool unknown_authority = false;
};

struct handshake {
  /// What the certificate must hold; goes into SNI if it is a name.
  std::string host;
  std::shared_ptr<boost::asio::ssl::context> context;
  /// Of this host and this context; may be null.
  std::shared_ptr<tls_sessions> sessions;
  std::chrono::steady_clock::time_point deadline;
};

class transport {
 public:
  using io_result = ingestor::result<std::size_t, boost::system::error_code>;

  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  /// Reads at least one byte; the end of the stream is asio::error::eof.
  virtual boost::asio::awaitable<io_result> read_some(boost::asio::mutable_buffer into) = 0;

  /// Writes all of it.
  virtual boost::asio::awaitable<io_result> write(boost::asio::const_buffer bytes) = 0;

  /// All operations until the next call end by then, with beast::error::timeout; the stream is
  /// closed in that case.
  virtual void expires_at(std::chrono::steady_clock::time_point deadline) = 0;

  /// Whether something has arrived that nobody waits for: its end, an alert, stray bytes. A
  /// connection in that state cannot take another request.
  virtual bool has_pending_input() = 0;

  /// Shakes hands over this stream, which goes into the new one whatever the outcome: this object
  /// is good for nothing afterwards. At most two layers of TLS (an https proxy's, and its target's
  /// within).
  virtual boost::asio::awaitable<ingestor::result<std::unique_ptr<transport>, handshake_failure>>
  secured(handshake how) = 0;
};

/// `socket` is connected.
std::unique_ptr<transport> plain_transport(boost::asio::ip::tcp::socket socket);

}  // namespace ingestor::http
