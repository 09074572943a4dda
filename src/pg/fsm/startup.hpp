// Logging in, from the first byte to ReadyForQuery:
//
//   [SSLRequest, 'S', TLS handshake | 'N'] or, with direct negotiation, [TLS handshake with ALPN]
//   StartupMessage
//   AuthenticationOk | AuthenticationSASL, first message, AuthenticationSASLContinue, key,
//     final message, AuthenticationSASLFinal (its signature is verified), AuthenticationOk
//     | where require_auth names it: a request for the password, PasswordMessage, AuthenticationOk
//   { ParameterStatus | BackendKeyData | NoticeResponse } ReadyForQuery
//   [a query after the server's role]
//
// Refused: whatever comes out of order, any method but SCRAM-SHA-256 (or none) that nobody asked
// for, a server that says "ok" before it has proven that it knows the password, plaintext that came
// along with the 'S' (CVE-2021-23222), error texts from before TLS, which anybody could have
// written, and a session that is not bound to its TLS where channel_binding demands it.
#pragma once

#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/error.hpp"
#include "pg/fsm/io_request.hpp"
#include "pg/fsm/session_role.hpp"
#include "pg/fsm/session_state.hpp"
#include "pg/wire/authentication.hpp"
#include "pg/wire/frame.hpp"
#include "pg/wire/scram.hpp"
#include "pg/wire/session.hpp"
#include "pg/wire/startup.hpp"
#include "pg/wire/writer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::pg::fsm {

enum class tls_use {
  none,
  if_refused,  ///< not at first, but once more over TLS when the server refuses us without
  if_offered,
  required
};

/// What `mode` asks for towards this server: there is no TLS on a unix socket, as with libpq.
tls_use first_tls_use(ssl_mode mode, const server_address& server);

/// What a TLS handshake settled.
struct tls_facts {
  /// The server took up ALPN's "postgresql": what it speaks inside is this protocol.
  bool alpn = false;
  /// tls-server-end-point (RFC 5929), empty where the certificate's signature names no hash.
  std::vector<std::byte> end_point;
};

class startup {
 public:
  /// An error means that this connection must be closed.
  using action = result<io_request>;

  /// `options` must outlive this object. `nonce`: see wire::scram_client.
  startup(const connection_options& options, tls_use tls, std::string nonce);

  /// Instead of logging in: asks the server to cancel what another connection does. There is no
  /// answer; `finished` comes once the request is sent.
  startup(const connection_options& options, tls_use tls, const wire::backend_key_data& cancel);

  action begin();
  action on_sent();
  /// `more_waits`: bytes came together with the answer.
  action on_tls_answer(char answer, bool more_waits);
  action on_tls_established(tls_facts facts);
  /// The handshake was tried and failed.
  void on_tls_failed() { tls_failed_ = true; }
  action on_key(const wire::scram_key& key);
  action on_frame(const wire::frame& frame);

  /// Which limits the next frame has to keep.
  wire::stage stage() const;

  /// How to try once more after a failure now, as libpq does. "prefer" goes without TLS where the
  /// handshake failed, be it on the server's certificate, or the server itself refused us over TLS;
  /// "allow" goes over TLS where the server itself refused us without. Never after any other
  /// refusal of ours. Whoever wants certificates to matter asks for more than these two.
  std::optional<tls_use> retry() const;

  /// Once the action was `finished`.
  session_state take_session() { return std::move(session_); }

 private:
  enum class state {
    tls_requested,
    tls_handshake,
    cancelling,
    authenticating,
    sasl_started,
    deriving_key,
    sasl_proven,
    sasl_verified,
    password_sent,
    logged_in,
    asking_role,
  };

  action send_startup();
  action begin_tls();
  action on_authentication(const wire::frame& frame);
  action on_cleartext();
  action on_md5(const wire::authentication_md5_password& request);
  action send_password(std::string_view answer);
  action on_sasl(const wire::authentication_sasl& request);
  action on_sasl_continue(std::string_view data);
  action on_sasl_final(std::string_view data);
  std::optional<error> unbound(bool plus_offered) const;
  wire::scram_binding binding(bool plus_offered) const;
  error no_password() const;
  action on_ok();
  action on_session_frame(const wire::frame& frame);
  action on_ready(const wire::frame& frame);
  action on_role(const wire::frame& frame);
  action server_error(const wire::frame& frame);
  error wrong_role() const;
  action flush();

  const connection_options& options_;
  tls_use tls_;
  /// Over TLS, once that is there.
  std::optional<tls_facts> over_tls_;
  bool bound_ = false;
  bool tls_failed_ = false;
  bool refused_by_server_ = false;
  state state_ = state::authenticating;
  wire::scram_client scram_;
  std::optional<wire::cancel_request> cancel_;
  wire::writer out_;
  session_state session_;
  std::optional<role_replies> role_;
};

}  // namespace ingestor::pg::fsm
