// TLS as it is begun: at once or by SSLRequest, with which name, from which version on.
#include "scripted_peer.hpp"
#include "test_certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

asio::ssl::context identity() {
  return testing_support::server_context(
      testing_support::make_certificate("IP:127.0.0.1,DNS:localhost"));
}

int take_postgresql(SSL*, const unsigned char** out, unsigned char* bytes,
                    const unsigned char* offered, unsigned offered_bytes, void*) {
  constexpr std::string_view name = "postgresql";
  const std::string_view list{reinterpret_cast<const char*>(offered), offered_bytes};
  if (list !=
      "\x0a"
      "postgresql")
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = reinterpret_cast<const unsigned char*>(name.data());
  *bytes = static_cast<unsigned char>(name.size());
  return SSL_TLSEXT_ERR_OK;
}

connection_options direct_to(const stage_play& play) {
  auto options = play.options();
  options.sslmode = ssl_mode::require;
  options.sslnegotiation = ssl_negotiation::direct;
  return options;
}

asio::awaitable<void> let_in_directly(scripted_session& session, asio::ssl::context& context) {
  EXPECT_TRUE(co_await session.start_tls(context));
  co_await session.receive_untyped();
  co_await session.send(welcome());
}

TEST(direct_tls, logs_in_and_cancels_without_a_request_for_tls) {
  auto server = identity();
  SSL_CTX_set_alpn_select_cb(server.native_handle(), take_postgresql, nullptr);
  stage_play play;
  std::string cancel_request;
  const auto client = [](stage_play& own) -> asio::awaitable<void> {
    auto options = direct_to(own);
    const auto made = co_await connect(std::move(options), 5s);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    if (!made) co_return;
    const auto rows = co_await (*made)->query(select_n, 5s);
    EXPECT_TRUE(rows);
    EXPECT_TRUE(co_await (*made)->cancel(5s));
    co_await (*made)->close();
  };
  play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await let_in_directly(peer, server);
    co_await peer.receive_until('S');
    co_await peer.send(one_bigint(1));
    auto other = co_await peer.accept_another();
    EXPECT_TRUE(co_await other.start_tls(server));
    cancel_request = co_await other.receive_untyped();
    other.close();
    co_await peer.until_gone();
  });
  EXPECT_TRUE(wire::cancel_request::decode(as_bytes(cancel_request)));
}

TEST(direct_tls, a_server_that_does_not_confirm_the_protocol_gets_nothing) {
  auto server = identity();
  stage_play play;
  std::string heard;
  const auto client = [](stage_play& own) -> asio::awaitable<void> {
    auto options = direct_to(own);
    const auto made = co_await connect(std::move(options), 5s);
    EXPECT_FALSE(made);
    EXPECT_THAT(made ? "" : made.error().text(), HasSubstr("ALPN"));
  };
  play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.start_tls(server);
    peer.record_into(heard);
    co_await peer.until_gone();
  });
  EXPECT_EQ(heard, "");
}

/// The name that the client asks for when it connects to `host`.
std::string name_asked_for(const std::string& host) {
  std::string name = "not asked";
  auto server = identity();
  const auto keep = [](SSL* session, int*, void* into) -> int {
    const char* const asked = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    *static_cast<std::string*>(into) = asked != nullptr ? asked : "none";
    return SSL_TLSEXT_ERR_OK;
  };
  int (*const callback)(SSL*, int*, void*) = keep;
  // OpenSSL's own macro for this holds a C cast.
  SSL_CTX_callback_ctrl(server.native_handle(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(callback));
  SSL_CTX_set_tlsext_servername_arg(server.native_handle(), &name);
  stage_play play;
  const auto client = [&](stage_play& own) -> asio::awaitable<void> {
    auto options = own.options();
    options.sslmode = ssl_mode::require;
    options.servers.front().host = host;
    EXPECT_TRUE(co_await connect(std::move(options), 5s));
  };
  play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in_over_tls(server);
    co_await peer.until_gone();
  });
  return name;
}

TEST(tls, a_host_is_asked_for_by_its_name_and_an_address_is_not) {
  EXPECT_EQ(name_asked_for("localhost"), "localhost");
  EXPECT_EQ(name_asked_for("127.0.0.1"), "none");
}

TEST(tls, nothing_older_than_1_2_is_spoken) {
  auto server = identity();
  SSL_CTX_set_security_level(server.native_handle(), 0);
  SSL_CTX_set_min_proto_version(server.native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(server.native_handle(), TLS1_1_VERSION);
  stage_play play;
  const auto client = [](stage_play& own) -> asio::awaitable<void> {
    auto options = own.options();
    options.sslmode = ssl_mode::require;
    const auto made = co_await connect(std::move(options), 5s);
    EXPECT_FALSE(made);
    EXPECT_THAT(made ? "" : made.error().text(), HasSubstr("TLS handshake failed"));
  };
  play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send("S");
    EXPECT_FALSE(co_await peer.start_tls(server));
    peer.close();
  });
}

}  // namespace
}  // namespace ingestor::pg
