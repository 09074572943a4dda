// What the connection string says of keep-alives is what the socket does.
#include "scripted_peer.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>

namespace ingestor::pg {
namespace {

constexpr int descriptors_max = 1'024;

/// The descriptor of this process that is connected to `port`.
std::optional<int> connected_to(std::uint16_t port) {
  for (int descriptor = 0; descriptor < descriptors_max; ++descriptor) {
    sockaddr_in peer{};
    socklen_t bytes = sizeof peer;
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &bytes) != 0) continue;
    if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) return descriptor;
  }
  return std::nullopt;
}

int option_of(int descriptor, int level, int name) {
  int value = -1;
  socklen_t bytes = sizeof value;
  EXPECT_EQ(getsockopt(descriptor, level, name, &value, &bytes), 0);
  return value;
}

/// Connects with these and shows the socket to `look`.
void connect_with(keepalive_options keepalives, const std::function<void(int)>& look) {
  stage_play play;
  play.run(
      [&](stage_play& own) -> asio::awaitable<void> {
        auto options = own.options();
        options.keepalives = keepalives;
        const auto made = co_await connect(std::move(options), 5s);
        EXPECT_TRUE(made);
        const auto descriptor = connected_to(own.peer.port());
        EXPECT_TRUE(descriptor);
        if (descriptor) look(*descriptor);
        co_await (*made)->close();
      },
      [](scripted_peer& peer) -> asio::awaitable<void> {
        co_await peer.let_in();
        co_await peer.until_gone();
      });
}

TEST(keepalives, are_what_was_asked_for) {
  connect_with({true, 11s, 12s, 13, 14'000ms}, [](int socket) {
    EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPIDLE), 11);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPINTVL), 12);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPCNT), 13);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_USER_TIMEOUT), 14'000);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_NODELAY), 1);
  });
}

TEST(keepalives, are_the_systems_own_where_nothing_was_asked) {
  connect_with({}, [](int socket) {
    EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
  });
}

TEST(keepalives, can_be_switched_off) {
  connect_with({false, 0s, 0s, 0, 0ms},
               [](int socket) { EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 0); });
}

}  // namespace
}  // namespace ingestor::pg
