#include "client_fixture.hpp"

#include <openssl/ssl.h>

#include <atomic>

namespace ingestor::http {
namespace {

using testing::HasSubstr;

/// Each connection answers one request, with whether its session goes back to an earlier one.
void answer_resumed(peer& p, int) {
  p.read_request();
  p.answer(p.resumed_session() ? "resumed" : "new", "Connection: close\r\n");
}

class http_tls_session : public http_client, public testing::WithParamInterface<int> {
 protected:
  http_tls_session() { SSL_CTX_set_max_proto_version(known_.context.native_handle(), GetParam()); }

  client_options trusting(const scripted_server& server) {
    auto out = options(at(server, true));
    out.pool.tls = known_.trusting();
    return out;
  }

  trusted_server known_{"IP:127.0.0.1"};
};

TEST_P(http_tls_session, is_resumed_by_the_next_connection) {
  scripted_server server{answer_resumed, &known_.context};
  client http{loop_.get_executor(), trusting(server)};
  EXPECT_EQ(told(http), "new");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(told(http), "resumed");
  EXPECT_EQ(http.stats().connected, 21U);
  EXPECT_EQ(http.stats().resumed, 20U);
}

TEST_P(http_tls_session, belongs_to_one_origin) {
  scripted_server server{answer_resumed, &known_.context};
  auto asking = trusting(server);
  client http{loop_.get_executor(), asking};
  EXPECT_EQ(told(http), "new");
  // The same server by the same context, under a name that its certificate does not hold.
  asking.pool.where.host = "localhost";
  client other{loop_.get_executor(), asking};
  EXPECT_THAT(told(other), HasSubstr("not trusted: hostname mismatch"));
  EXPECT_EQ(other.stats().resumed, 0U);
}

TEST_P(http_tls_session, does_not_vouch_for_another_server) {
  std::atomic<std::uint16_t> port = 0;
  scripted_server server{answer_resumed, &known_.context};
  trusted_server impostor{"IP:127.0.0.1"};
  scripted_server takes_over{answer_resumed, &impostor.context};
  port = server.port();
  scripted_server switched{[&](peer& p, int) { p.forward_to(port); }};
  auto asking = trusting(server);
  asking.pool.where.port = switched.port();
  client http{loop_.get_executor(), asking};
  EXPECT_EQ(told(http), "new");
  port = takes_over.port();
  EXPECT_THAT(told(http), HasSubstr("not trusted: self-signed certificate"));
  EXPECT_EQ(http.stats().resumed, 0U);
}

TEST_P(http_tls_session, is_not_wanted_back_by_a_server_that_forgot_it) {
  scripted_server server{answer_resumed, &known_.context};
  auto forgetful = testing_support::server_context(known_.certificate);
  scripted_server again{answer_resumed, &forgetful};
  std::atomic<std::uint16_t> port = server.port();
  scripted_server switched{[&](peer& p, int) { p.forward_to(port); }};
  auto asking = trusting(server);
  asking.pool.where.port = switched.port();
  client http{loop_.get_executor(), asking};
  EXPECT_EQ(told(http), "new");
  port = again.port();
  EXPECT_EQ(told(http), "new");
  EXPECT_EQ(told(http), "resumed");
}

INSTANTIATE_TEST_SUITE_P(versions, http_tls_session,
                         testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

}  // namespace
}  // namespace ingestor::http
