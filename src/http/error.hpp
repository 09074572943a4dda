// Why an HTTP exchange has no answer, or only a part of one. What an answer says (404, 503 …) is no
// error here.
#pragma once

#include "base/result.hpp"

#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

namespace ingestor::http {

enum class error_kind {
  resolve,  ///< the name has no address
  connect,  ///< nobody answers there
  proxy,    ///< the proxy refuses, and will do so again
  tls,      ///< the handshake failed
  /// Nobody that we trust vouches for the peer's certificate.
  authority,
  /// The peer's certificate is not one for this host at this time.
  certificate,
  timeout,
  closed,    ///< the connection ended or broke in the middle
  protocol,  ///< the peer does not speak HTTP as RFC 9112 has it
  limit,     ///< more than we are willing to read
  busy,      ///< every connection was in use for too long
  invalid,   ///< the request cannot be written: a control character in a header
  configuration,
  cancelled,
};

struct error {
  error_kind kind{};
  std::string message;  ///< for people: what failed, where, and the system's words
};

template <class T>
using result = ingestor::result<T, error>;

/// Sorts what the system, Asio, Beast and OpenSSL report about a connection that existed.
/// `doing` is what failed, as in "reading the answer of 127.0.0.1:9000".
error io_error(const boost::system::error_code& code, std::string_view doing);

}  // namespace ingestor::http
