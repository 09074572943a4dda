// Below the protocol: where TLS and the socket meet.
#include "pg/transport.hpp"

#include "pg/connection.hpp"
#include "scripted_peer.hpp"
#include "test_certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

TEST(transport, what_tls_holds_is_read_before_the_socket_is_waited_for) {
  // Records that come together are more than one read of the client takes; then the server is
  // silent, and the socket has nothing more to tell.
  auto identity = testing_support::server_context(testing_support::make_certificate("DNS:db"));
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.sslmode = ssl_mode::require;
    const auto session = co_await connect(std::move(options), 5s);
    EXPECT_TRUE(session);
    for (int i = 0; i < 5; ++i) {
      const auto rows = co_await (*session)->query(select_n, 20s);
      EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    }
  };
  const std::string words(1'000, 'n');
  std::string replies;
  while (replies.size() < 200'000) replies += bytes_of(wire::notice_response{{{{'M', words}}}});
  replies += one_bigint(1);
  play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in_over_tls(identity);
    for (int i = 0; i < 5; ++i) {
      co_await peer.receive_until('S');
      co_await peer.send(replies);
    }
    co_await peer.until_gone();
  });
}

}  // namespace
}  // namespace ingestor::pg
