// TLS sessions of one origin, so that its next connection needs half a handshake (RFC 8446,
// section 2.2).
//
// What a session vouches for is what was verified when it was made: this origin's name, by the
// authorities of this context. So it is never offered to another origin. A server that cannot prove
// that it knows the session is verified like any other.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace ingestor::http {

class tls_sessions {
 public:
  /// Servers hand out two for each connection.
  static constexpr std::size_t sessions_max = 8;

  /// Has the sessions of a context's connections kept: of each by the object it was prepared with.
  static void enable(SSL_CTX* context);

  /// For a handshake that has not begun: it offers the newest session, which is then gone, since
  /// one that is seen twice could be linked. This object must outlive the connection.
  void prepare(SSL* connection);

  /// Once the handshake of a prepared connection has succeeded.
  void established(SSL* connection);

  std::size_t kept() const { return sessions_.size(); }
  /// Handshakes that were shortened, ever.
  std::uint64_t resumed() const { return resumed_; }

 private:
  struct session_end {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  using session_ptr = std::unique_ptr<SSL_SESSION, session_end>;

  static int on_new_session(SSL* connection, SSL_SESSION* session);
  void keep(SSL_SESSION* session);

  std::deque<session_ptr> sessions_;  // the newest last
  std::uint64_t resumed_ = 0;
};

}  // namespace ingestor::http
