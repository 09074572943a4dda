#include "pg/fsm/startup.hpp"

#include "pg/fsm/violation.hpp"
#include "pg/wire/notice.hpp"
#include "pg/wire/query.hpp"

#include <algorithm>
#include <utility>

namespace ingestor::pg::fsm {
namespace {

error refused(std::string message) {
  return make_error(error_category::authentication, std::move(message));
}

/// Poolers do not report every setting; then nothing speaks against it.
bool is_or_unknown(std::string_view value, std::string_view wanted) {
  return value.empty() || value == wanted;
}

}  // namespace

tls_use first_tls_use(ssl_mode mode, const server_address& server) {
  if (server.is_unix()) return tls_use::none;
  switch (mode) {
    case ssl_mode::disable:
      return tls_use::none;
    case ssl_mode::allow:
      return tls_use::if_refused;
    case ssl_mode::prefer:
      return tls_use::if_offered;
    default:
      return tls_use::required;
  }
}

startup::startup(const connection_options& options, tls_use tls, std::string nonce)
    : options_{options}, tls_{tls}, scram_{std::move(nonce)} {}

startup::startup(const connection_options& options, tls_use tls,
                 const wire::backend_key_data& cancel)
    : options_{options},
      tls_{tls},
      scram_{std::string{}},
      cancel_{wire::cancel_request{cancel.process_id, cancel.secret_key}} {}

wire::stage startup::stage() const {
  return state_ < state::logged_in ? wire::stage::authenticating : wire::stage::established;
}

std::optional<tls_use> startup::retry() const {
  if (state_ >= state::logged_in) return std::nullopt;
  if (tls_ == tls_use::if_refused && refused_by_server_) return tls_use::required;
  const bool refused_over_tls = over_tls_ && refused_by_server_;
  if (tls_ == tls_use::if_offered && (tls_failed_ || refused_over_tls)) return tls_use::none;
  return std::nullopt;
}

startup::action startup::flush() {
  const auto bytes = out_.finish();
  if (!bytes)
    return make_error(error_category::configuration, "cannot log in: " + bytes.error().reason);
  return io_request{send{*bytes}};
}

startup::action startup::begin() {
  if (tls_ == tls_use::none || tls_ == tls_use::if_refused) return send_startup();
  if (options_.sslnegotiation == ssl_negotiation::direct) return begin_tls();
  state_ = state::tls_requested;
  wire::ssl_request{}.encode(out_);
  return flush();
}

startup::action startup::send_startup() {
  out_.clear();
  if (cancel_) {
    state_ = state::cancelling;
    cancel_->encode(out_);
    return flush();
  }
  state_ = state::authenticating;
  wire::startup_message message{{{"user", options_.user}, {"database", options_.database}}};
  message.parameters.emplace_back("client_encoding", "UTF8");
  if (!options_.application_name.empty()) {
    message.parameters.emplace_back("application_name", options_.application_name);
  }
  if (!options_.options.empty()) message.parameters.emplace_back("options", options_.options);
  message.encode(out_);
  return flush();
}

startup::action startup::on_sent() {
  if (state_ == state::tls_requested) return io_request{receive_tls_answer{}};
  if (state_ == state::cancelling) return io_request{finished{}};
  return io_request{receive{}};
}

startup::action startup::on_tls_answer(char answer, bool more_waits) {
  if (answer == 'S') {
    if (more_waits) {
      return violation(
          "the server sent plaintext after it agreed to TLS: somebody is in the middle");
    }
    return begin_tls();
  }
  if (answer == 'N') {
    if (tls_ == tls_use::if_offered) return send_startup();
    return make_error(error_category::connection,
                      "the server does not offer TLS, which sslmode demands");
  }
  if (answer == 'E') {
    return make_error(error_category::connection,
                      "the server answered the request for TLS with an error, whose text cannot be "
                      "trusted before TLS and is not shown");
  }
  return violation("the answer to the request for TLS is not from a PostgreSQL server");
}

startup::action startup::begin_tls() {
  state_ = state::tls_handshake;
  return io_request{start_tls{}};
}

startup::action startup::on_tls_established(tls_facts facts) {
  // Without it the server may speak anything, and what we send may mean anything to it.
  if (options_.sslnegotiation == ssl_negotiation::direct && !facts.alpn) {
    return make_error(error_category::connection,
                      "the server does not confirm (by ALPN) that it speaks PostgreSQL's protocol "
                      "inside of TLS, which sslnegotiation=direct needs: is it older than 17?");
  }
  over_tls_ = std::move(facts);
  return send_startup();
}

startup::action startup::on_frame(const wire::frame& frame) {
  if (state_ == state::asking_role) return on_role(frame);
  if (frame.type == wire::error_response::type) return server_error(frame);
  if (state_ == state::logged_in) return on_session_frame(frame);
  if (frame.type == wire::authentication::type) return on_authentication(frame);
  if (frame.type == wire::notice_response::type) {
    const auto notice = session_.absorb(frame);
    if (!notice) return notice.error();
    return io_request{receive{}};
  }
  if (frame.type == wire::negotiate_protocol_version::type) {
    return violation(
        "the server wants to negotiate, though protocol 3.0 without options was asked for");
  }
  return out_of_place(frame.type);
}

startup::action startup::server_error(const wire::frame& frame) {
  const auto response = wire::error_response::decode(frame.body);
  if (!response) return violation(response.error());
  refused_by_server_ = true;
  return from_response(*response, phase::startup);
}

startup::action startup::on_authentication(const wire::frame& frame) {
  const auto message = wire::authentication::decode(frame.body);
  if (!message) return violation(message.error());
  const auto& request = message->request;
  if (std::holds_alternative<wire::authentication_ok>(request)) return on_ok();
  if (const auto* const sasl = std::get_if<wire::authentication_sasl>(&request)) {
    return on_sasl(*sasl);
  }
  if (const auto* const more = std::get_if<wire::authentication_sasl_continue>(&request)) {
    return on_sasl_continue(more->data);
  }
  if (const auto* const last = std::get_if<wire::authentication_sasl_final>(&request)) {
    return on_sasl_final(last->data);
  }
  if (std::holds_alternative<wire::authentication_cleartext_password>(request)) {
    return on_cleartext();
  }
  if (const auto* const md5 = std::get_if<wire::authentication_md5_password>(&request)) {
    return on_md5(*md5);
  }
  return refused(
      "the server asks for a way of logging in that this client does not know; it knows "
      "scram-sha-256");
}

startup::action startup::on_cleartext() {
  if (!options_.authentication.password) {
    return refused(
        "the server asks for the password in clear text, which this client sends only with "
        "require_auth=password: use scram-sha-256 in pg_hba.conf");
  }
  return send_password(options_.password.reveal());
}

startup::action startup::on_md5(const wire::authentication_md5_password& request) {
  if (!options_.authentication.md5) {
    return refused(
        "the server asks for an MD5 password, which is not safe and is answered only with "
        "require_auth=md5: set password_encryption to scram-sha-256, set the password again, and "
        "use scram-sha-256 in pg_hba.conf");
  }
  const auto answer = wire::md5_answer(options_.password.reveal(), options_.user, request.salt);
  if (!answer) return refused("the server asks for an MD5 password, and OpenSSL here has no MD5");
  return send_password(*answer);
}

startup::action startup::send_password(std::string_view answer) {
  if (state_ != state::authenticating) return out_of_place(wire::authentication::type);
  if (options_.binding == channel_binding::require) {
    return refused(
        "the server asks for a password in a way that is not bound to TLS, which "
        "channel_binding=require demands");
  }
  if (options_.password.empty()) return no_password();
  state_ = state::password_sent;
  out_.clear();
  wire::password_message{answer}.encode(out_);
  return flush();
}

error startup::no_password() const {
  std::string message =
      "the server asks for a password, and there is none: set PGPASSWORD, name a password file, or "
      "write it into the connection URI";
  if (!options_.password_remark.empty()) message += " (" + options_.password_remark + ")";
  return refused(std::move(message));
}

startup::action startup::on_sasl(const wire::authentication_sasl& request) {
  if (state_ != state::authenticating) return out_of_place(wire::authentication::type);
  const auto offers = [&](std::string_view mechanism) {
    return std::find(request.mechanisms.begin(), request.mechanisms.end(), mechanism) !=
           request.mechanisms.end();
  };
  const bool plus_offered = offers(wire::scram_sha_256_plus);
  if (!plus_offered && !offers(wire::scram_sha_256)) {
    return refused("the server does not offer SCRAM-SHA-256");
  }
  if (!options_.authentication.scram_sha_256) {
    return refused("the server asks for scram-sha-256, which require_auth does not allow");
  }
  if (const auto why = unbound(plus_offered)) return *why;
  if (options_.password.empty()) return no_password();
  auto how = binding(plus_offered);
  bound_ = how.what == wire::scram_binding::kind::end_point;
  if (!bound_ && !offers(wire::scram_sha_256)) {
    return refused("the server offers SCRAM-SHA-256-PLUS alone, which cannot be done here");
  }
  state_ = state::sasl_started;
  out_.clear();
  const auto first = scram_.client_first(std::move(how));
  const auto mechanism = bound_ ? wire::scram_sha_256_plus : wire::scram_sha_256;
  wire::sasl_initial_response{mechanism, as_bytes(first)}.encode(out_);
  return flush();
}

std::optional<error> startup::unbound(bool plus_offered) const {
  if (plus_offered && !over_tls_) {
    return refused(
        "the server offers SCRAM-SHA-256-PLUS without TLS: somebody in the middle took the TLS "
        "away");
  }
  if (options_.binding != channel_binding::require) return std::nullopt;
  if (!over_tls_) return refused("channel_binding=require needs TLS, and there is none here");
  if (!plus_offered) {
    return refused(
        "the server does not offer SCRAM-SHA-256-PLUS, which channel_binding=require needs");
  }
  if (over_tls_->end_point.empty()) {
    return refused(
        "the signature of the server's certificate names no hash to bind to, which "
        "channel_binding=require needs (an Ed25519 certificate has none)");
  }
  return std::nullopt;
}

wire::scram_binding startup::binding(bool plus_offered) const {
  using kind = wire::scram_binding::kind;
  if (!over_tls_ || options_.binding == channel_binding::disable) return {kind::unsupported, {}};
  if (over_tls_->end_point.empty()) return {kind::unsupported, {}};
  if (!plus_offered) return {kind::not_offered, {}};
  return {kind::end_point, over_tls_->end_point};
}

startup::action startup::on_sasl_continue(std::string_view data) {
  if (state_ != state::sasl_started) return out_of_place(wire::authentication::type);
  auto challenge = scram_.on_server_first(data);
  if (!challenge) return refused(challenge.error().reason);
  state_ = state::deriving_key;
  return io_request{derive_key{std::move(challenge->salt), challenge->iterations}};
}

startup::action startup::on_key(const wire::scram_key& key) {
  state_ = state::sasl_proven;
  out_.clear();
  const auto proof = scram_.client_final(key);
  wire::sasl_response{proof}.encode(out_);
  return flush();
}

startup::action startup::on_sasl_final(std::string_view data) {
  if (state_ != state::sasl_proven) return out_of_place(wire::authentication::type);
  const auto verified = scram_.on_server_final(data);
  if (!verified) return refused(verified.error().reason);
  state_ = state::sasl_verified;
  return io_request{receive{}};
}

startup::action startup::on_ok() {
  if (state_ == state::authenticating && !options_.authentication.none) {
    return refused(
        "the server let us in without asking for a password, which require_auth does "
        "not allow");
  }
  if (options_.binding == channel_binding::require && !(bound_ && state_ == state::sasl_verified)) {
    return refused(
        "the server let us in without binding the session to TLS, which channel_binding=require "
        "demands");
  }
  const bool in_place = state_ == state::authenticating || state_ == state::sasl_verified ||
                        state_ == state::password_sent;
  if (!in_place) {
    return refused(
        "the server let us in before it proved that it knows the password, so it is not "
        "the server it claims to be");
  }
  state_ = state::logged_in;
  return io_request{receive{}};
}

startup::action startup::on_session_frame(const wire::frame& frame) {
  const auto absorbed = session_.absorb(frame);
  if (!absorbed) return absorbed.error();
  if (*absorbed) return io_request{receive{}};
  if (frame.type == wire::ready_for_query::type) return on_ready(frame);
  if (frame.type != wire::backend_key_data::type) return out_of_place(frame.type);
  const auto key = wire::backend_key_data::decode(frame.body);
  if (!key) return violation(key.error());
  session_.set_key(*key);
  return io_request{receive{}};
}

startup::action startup::on_ready(const wire::frame& frame) {
  const auto ready = wire::ready_for_query::decode(frame.body);
  if (!ready) return violation(ready.error());
  if (ready->transaction_status != 'I') {
    return violation("a session begins inside of a transaction that nobody asked for");
  }
  session_.set_ready(ready->transaction_status);
  if (!is_or_unknown(session_.parameter("server_encoding"), "UTF8")) {
    return make_error(error_category::configuration,
                      "the database \"" + options_.database + "\" is encoded in " +
                          std::string{session_.parameter("server_encoding")} +
                          " and cannot hold every log line: create it with ENCODING 'UTF8'");
  }
  if (!is_or_unknown(session_.parameter("integer_datetimes"), "on")) {
    return make_error(error_category::configuration,
                      "the server keeps times as floating-point numbers (integer_datetimes=off), "
                      "which this client does not read or write");
  }
  switch (judge(options_.target, session_)) {
    case verdict::suits:
      return io_request{finished{}};
    case verdict::does_not_suit:
      return wrong_role();
    case verdict::ask:
      break;
  }
  state_ = state::asking_role;
  role_.emplace(options_.target);
  out_.clear();
  wire::query{role_query(options_.target)}.encode(out_);
  return flush();
}

startup::action startup::on_role(const wire::frame& frame) {
  const auto seen = role_->receive(frame, session_);
  if (!seen) return seen.error();
  if (*seen != next::finished) return io_request{receive{}};
  if (role_->failure()) return *role_->failure();
  if (!role_->suits()) return wrong_role();
  return io_request{finished{}};
}

error startup::wrong_role() const {
  return make_error(error_category::connection, "the server is not what target_session_attrs=" +
                                                    std::string{name_of(options_.target)} +
                                                    " asks for");
}

}  // namespace ingestor::pg::fsm
