// From a host's name to a connection: look the name up, try its addresses, pass the proxy, shake
// hands.
#pragma once

#include "http/error.hpp"
#include "http/origin.hpp"
#include "http/proxy.hpp"
#include "http/resolve.hpp"
#include "http/tls_sessions.hpp"
#include "http/transport.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace ingestor::http {

struct connect_options {
  origin where;
  /// Through whom; see proxy_for(). None: straight to `where`.
  std::optional<proxy> via;
  /// Null where neither `where` nor the proxy speaks TLS.
  std::shared_ptr<boost::asio::ssl::context> tls;
  /// Name lookup, TCP, the proxy's answer and TLS together.
  std::chrono::milliseconds connect_timeout{10'000};
  /// What the other addresses of a host wait for each other: RFC 8305, section 8, advises 250 ms.
  std::chrono::milliseconds attempt_delay{250};
  /// Asked for each connection, so that new ones follow a name that has moved.
  resolver lookup = resolve;
};

/// `sessions` are those of `where`; null: each handshake is a whole one. The options must outlive
/// the operation. Cancellation: it ends at once with error_kind::cancelled.
boost::asio::awaitable<result<std::unique_ptr<transport>>> connect(
    const connect_options& options, std::shared_ptr<tls_sessions> sessions);

}  // namespace ingestor::http
