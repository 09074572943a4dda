// What a TLS handshake is to check, from the connection's options.
#pragma once

#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/error.hpp"
#include "pg/fsm/startup.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>

namespace ingestor::pg {

/// TLS 1.2 or later, with ALPN "postgresql". With a root certificate the chain is verified in every
/// mode, as with libpq; also as there, a file that does not exist is the same as none where the
/// mode does not insist. One that cannot be read, or holds no certificate, is an error of category
/// configuration in every mode. So is a certificate of our own that cannot be used, or whose key
/// others could read: as with libpq, a key has no rights for its group (but for reading, where the
/// file is root's) or anybody else. Reads the files each time, so that renewed ones are noticed.
result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(
    const connection_options& options);

/// Sets the name the client asks for (SNI), and with verify-full the name or IP address that the
/// certificate must hold.
result<void> set_peer_name(SSL* session, const std::string& host, ssl_mode mode);

/// What a handshake that succeeded settled.
fsm::tls_facts facts_of(SSL* session);

/// Why the peer ended the session, where it was our certificate or the lack of one.
std::optional<error> refusal_of_certificate(const boost::system::error_code& failure);

/// What the handshake failed on, for people: category authentication when it was the certificate,
/// else connection.
error handshake_error(SSL* session, const boost::system::error_code& failure,
                      const connection_options& options, const std::string& host);

}  // namespace ingestor::pg
