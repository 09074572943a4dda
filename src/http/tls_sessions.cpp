#include "http/tls_sessions.hpp"

#include <utility>

namespace ingestor::http {
namespace {

/// Where a connection knows its tls_sessions.
int own_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

void tls_sessions::enable(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &tls_sessions::on_new_session);
}

void tls_sessions::prepare(SSL* connection) {
  SSL_set_ex_data(connection, own_index(), this);
  if (sessions_.empty()) return;
  SSL_set_session(connection, sessions_.back().get());
  sessions_.pop_back();
}

void tls_sessions::established(SSL* connection) {
  if (SSL_session_reused(connection) != 1) return;
  ++resumed_;
  // TLS 1.2 resumes a session as often as one likes, and mostly without sending a new one.
  if (SSL_version(connection) == TLS1_2_VERSION) keep(SSL_get_session(connection));
}

// With TLS 1.3 this comes with the first bytes that are read.
int tls_sessions::on_new_session(SSL* connection, SSL_SESSION* session) {
  auto* const owner = static_cast<tls_sessions*>(SSL_get_ex_data(connection, own_index()));
  if (owner != nullptr) owner->keep(session);
  return 0;  // OpenSSL keeps the reference that it offered
}

// A copy is kept: OpenSSL spoils its own when a connection ends without a TLS farewell, which says
// nothing about the session.
void tls_sessions::keep(SSL_SESSION* session) {
  if (SSL_SESSION_is_resumable(session) != 1) return;
  session_ptr copy{SSL_SESSION_dup(session)};
  if (!copy) return;
  sessions_.push_back(std::move(copy));
  if (sessions_.size() > sessions_max) sessions_.pop_front();
}

}  // namespace ingestor::http
