// Connecting and logging in: what goes wrong before there is a session.
#include "pg/connection.hpp"
#include "scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

/// Connects, which must fail, and keeps why.
struct failing_connect {
  error& failure;
  std::chrono::milliseconds timeout = 5s;
  std::optional<ssl_mode> sslmode = {};

  asio::awaitable<void> operator()(stage_play& play) const {
    auto options = play.options();
    if (sslmode) options.sslmode = *sslmode;
    const auto made = co_await connect(std::move(options), timeout);
    EXPECT_FALSE(made);
    if (!made) failure = made.error();
  }
};

/// Connects with sslmode=prefer, which must succeed.
asio::awaitable<void> prefer_tls(stage_play& play) {
  auto options = play.options();
  options.sslmode = ssl_mode::prefer;
  const auto made = co_await connect(std::move(options), 5s);
  EXPECT_TRUE(made);
}

TEST(connect, a_server_that_says_nothing_meets_the_deadline) {
  stage_play play;
  error failure;
  play.run(failing_connect{failure, 200ms}, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::timeout);
  EXPECT_THAT(failure.server, HasSubstr("127.0.0.1:"));
}

TEST(connect, nothing_hostile_is_believed_before_authentication) {
  const std::vector<std::string> hostile{
      "R\0\0\x07\xd1"s,      // an authentication request of 2,001 bytes
      "E\0\0\x75\x31"s,      // an error of 30,001
      "E\x7f\xff\xff\xff"s,  // of 2 GiB
      "R\0\0\0\x03"s,       "R\xff\xff\xff\xff"s,
      "D\0\0\0\x06\0\0"s,   "HTTP/1.1 400 Bad Request\r\n\r\n"s,
  };
  for (const auto& bytes : hostile) {
    stage_play play;
    error failure;
    play.run(failing_connect{failure}, [bytes](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.accept();
      co_await peer.receive_untyped();
      co_await peer.send(bytes);
      co_await peer.until_gone();
    });
    EXPECT_EQ(failure.category, error_category::protocol_violation) << failure.text();
  }
}

TEST(connect, plaintext_behind_the_answer_for_tls_is_refused) {
  stage_play play;
  error failure;
  const failing_connect client{failure, 5s, ssl_mode::require};
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send("S" + welcome());
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::protocol_violation);
}

TEST(connect, prefer_goes_on_without_tls_when_there_is_none) {
  stage_play play;
  play.run(prefer_tls, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send("N");
    co_await peer.receive_untyped();
    co_await peer.send(welcome());
    co_await peer.until_gone();
  });
}

asio::awaitable<void> fail_the_handshake(scripted_peer& peer) {
  co_await peer.accept();
  co_await peer.receive_untyped();
  co_await peer.send("S");
  co_await peer.receive(5);
  co_await peer.send("this is not TLS");
}

TEST(connect, prefer_tries_again_without_tls_when_the_handshake_fails) {
  stage_play play;
  play.run(prefer_tls, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await fail_the_handshake(peer);
    co_await peer.let_in();
    co_await peer.until_gone();
  });
}

TEST(connect, after_both_failed_the_error_is_the_one_without_tls) {
  stage_play play;
  error failure;
  const failing_connect client{failure, 5s, ssl_mode::prefer};
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await fail_the_handshake(peer);
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send(server_error("28000", "FATAL"));
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::authentication);
  EXPECT_EQ(failure.sqlstate, "28000");
  EXPECT_THAT(failure.message, HasSubstr("the TLS handshake failed"));
  EXPECT_THAT(failure.message, HasSubstr("without TLS: scripted error"));
}

TEST(connect, a_root_certificate_that_is_none_is_told_before_anything_is_sent) {
  for (const auto mode : {ssl_mode::prefer, ssl_mode::require, ssl_mode::verify_full}) {
    stage_play play;
    play.peer.stop_listening();
    error failure;
    const auto client = [&failure, mode](stage_play&) -> asio::awaitable<void> {
      connection_options options;
      options.servers = {{"127.0.0.1", 1}};
      options.sslmode = mode;
      options.sslrootcert = "/dev/null";
      const auto made = co_await connect(std::move(options), 5s);
      EXPECT_FALSE(made);
      failure = made.error();
    };
    play.run(client, [](scripted_peer&) -> asio::awaitable<void> { co_return; });
    EXPECT_EQ(failure.category, error_category::configuration) << failure.text();
    EXPECT_THAT(failure.text(), HasSubstr("sslrootcert=/dev/null"));
  }
}

TEST(connect, a_silent_server_leaves_time_for_the_next) {
  stage_play play;
  asio::ip::tcp::acceptor silent{play.io, {asio::ip::address_v4::loopback(), 0}};
  const auto client = [&silent](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.servers.insert(options.servers.begin(), {"127.0.0.1", silent.local_endpoint().port()});
    const auto port = options.servers[1].port;
    const auto made = co_await connect(std::move(options), 1s);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    if (made) {
      EXPECT_EQ((*made)->server(), "127.0.0.1:" + std::to_string(port));
    }
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.until_gone();
  });
}

/// Logs in to a server of two addresses, of which the first says nothing.
asio::awaitable<void> log_in_past_a_silent_address(stage_play& on, std::chrono::seconds each,
                                                   std::chrono::seconds whole) {
  const auto loopback = asio::ip::address_v4::loopback();
  asio::ip::tcp::acceptor silent{on.io, {loopback, 0}};
  const asio::ip::tcp::endpoint answers{loopback, on.peer.port()};
  login_request request;
  request.options = on.options();
  request.options.connect_timeout = each;
  request.server = {"db", 5432};
  request.until = std::chrono::steady_clock::now() + whole;
  std::vector<transport::endpoint> addresses{silent.local_endpoint(), answers};
  key_deriver keys;
  const auto session = co_await log_in(request, addresses, keys);
  EXPECT_TRUE(session) << (session ? "" : session.error().text());
  EXPECT_EQ(request.address, transport::endpoint{answers});
}

TEST(connect, a_silent_address_leaves_time_for_the_next) {
  for (const auto& [each, whole] : {std::pair{1s, 10s}, {2s, 2s}, {0s, 2s}}) {
    stage_play play;
    const auto began = std::chrono::steady_clock::now();
    play.run([&](stage_play& on) { return log_in_past_a_silent_address(on, each, whole); },
             [](scripted_peer& peer) -> asio::awaitable<void> {
               co_await peer.let_in();
               co_await peer.until_gone();
             });
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, 900ms);
    EXPECT_LT(took, 1'800ms);
  }
}

TEST(connect, every_address_that_failed_is_named) {
  stage_play play;
  play.peer.stop_listening();
  std::string told;
  const auto client = [&told](stage_play&) -> asio::awaitable<void> {
    login_request request;
    request.server = {"db", 5432};
    request.until = std::chrono::steady_clock::now() + 5s;
    std::vector<transport::endpoint> addresses;
    for (const auto* const each : {"127.0.0.1", "127.0.0.2"}) {
      addresses.emplace_back(asio::ip::tcp::endpoint{asio::ip::make_address(each), 1});
    }
    key_deriver keys;
    const auto session = co_await log_in(request, addresses, keys);
    EXPECT_FALSE(session);
    if (!session) told = session.error().text();
  };
  play.run(client, [](scripted_peer&) -> asio::awaitable<void> { co_return; });
  EXPECT_THAT(told, HasSubstr("(127.0.0.1), cannot connect"));
  EXPECT_THAT(told, HasSubstr("(127.0.0.2); on db:5432"));
}

TEST(connect, a_connect_timeout_beyond_the_callers_is_not_cut) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.connect_timeout = 2s;
    const auto made = co_await connect(std::move(options), 100ms);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await pause(300ms);
    co_await peer.send(welcome());
    co_await peer.until_gone();
  });
}

TEST(connect, every_server_that_failed_is_named) {
  stage_play play;
  error failure;
  play.peer.stop_listening();
  const auto client = [&failure](stage_play&) -> asio::awaitable<void> {
    connection_options options;
    options.servers = {{"127.0.0.1", 1}, {"/nonexistent", 5432}};
    options.user = "me";
    const auto made = co_await connect(std::move(options), 5s);
    EXPECT_FALSE(made);
    failure = made.error();
  };
  play.run(client, [](scripted_peer&) -> asio::awaitable<void> { co_return; });
  EXPECT_EQ(failure.category, error_category::connection);
  EXPECT_THAT(failure.text(), HasSubstr("127.0.0.1:1: cannot connect"));
  EXPECT_THAT(failure.text(), HasSubstr("/nonexistent/.s.PGSQL.5432: cannot connect"));
}

}  // namespace
}  // namespace ingestor::pg
