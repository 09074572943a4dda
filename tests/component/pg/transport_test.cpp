// Below the protocol: the socket's options, and TLS where the two meet.
#include "pg/transport.hpp"

#include "pg/connection.hpp"
#include "scripted_peer.hpp"
#include "test_certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace ingestor::pg {
namespace {

/// The socket of this process that is connected to that port; -1 when there is none.
int socket_connected_to(std::uint16_t port) {
  constexpr int descriptors = 1'024;
  for (int each = 0; each < descriptors; ++each) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(each, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) {
      return each;
    }
  }
  return -1;
}

int option_of(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(socket, level, name, &value, &size);
  return value;
}

TEST(transport, a_peer_that_vanished_is_noticed_as_the_options_say) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.keepalives = {true, 11s, 12s, 13, 14'000ms};
    const auto session = co_await connect(std::move(options), 5s);
    EXPECT_TRUE(session);
    const int socket = socket_connected_to(on.peer.port());
    EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPIDLE), 11);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPINTVL), 12);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPCNT), 13);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_USER_TIMEOUT), 14'000);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_NODELAY), 1);
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.until_gone();
  });
}

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
