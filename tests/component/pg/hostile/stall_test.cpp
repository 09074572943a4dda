// A server that stops: what it leaves without an answer at any step, every_operation_test.cpp has.
// Here it does not even read.
#include "../scripted_peer.hpp"
#include "pg/copy_writer.hpp"
#include "test_certificate.hpp"

#include <gtest/gtest.h>

#include <list>

namespace ingestor::pg {
namespace {

constexpr auto limit = 100ms;

/// More than all buffers between the two hold.
constexpr std::size_t much = 32U * 1024 * 1024;

asio::awaitable<error> query_much(connection& on) {
  const std::string text(much, 'x');
  const statement big{"big", "select $1", {wire::text(text)}, {wire::oid::int8}};
  const auto rows = co_await on.query(big, limit);
  EXPECT_FALSE(rows);
  co_return rows.error();
}

asio::awaitable<error> run_much(connection& on) {
  const std::string text(much, ' ');
  const auto done = co_await on.run_script("big", text, limit);
  EXPECT_FALSE(done);
  co_return done.error();
}

asio::awaitable<error> copy_much(connection& on) {
  auto writer = co_await copy_writer::begin(on, "big", "COPY t FROM STDIN (FORMAT binary)", 20s);
  EXPECT_TRUE(writer);
  const std::string text(much, 'x');
  const auto bytes = as_bytes(text);
  const auto written = co_await writer->write(bytes, limit);
  EXPECT_FALSE(written);
  co_return written.error();
}

using work = asio::awaitable<error> (*)(connection&);

/// Lets the client in, reads at most a statement that begins a COPY, and then nothing.
asio::awaitable<void> go_deaf(scripted_peer& peer, asio::ssl::context* identity, bool begin_copy) {
  if (identity != nullptr) {
    co_await peer.let_in_over_tls(*identity);
  } else {
    co_await peer.let_in();
  }
  if (!begin_copy) co_return;
  co_await peer.receive_until('Q');
  auto answer = bytes_of(wire::copy_in_response{wire::format::binary, {wire::format::binary}});
  co_await peer.send(std::move(answer));
}

error meet_a_deaf_server(work operation, asio::ssl::context* identity) {
  stage_play play;
  error failure;
  const auto client = [&](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.sslmode = identity != nullptr ? ssl_mode::require : ssl_mode::disable;
    const auto session = co_await connect(std::move(options), 20s);
    EXPECT_TRUE(session);
    failure = co_await operation(**session);
    EXPECT_FALSE((*session)->usable());
  };
  play.run(client,
           [&](scripted_peer& peer) { return go_deaf(peer, identity, operation == copy_much); });
  return failure;
}

TEST(stall, of_a_server_that_does_not_read_ends_by_the_deadline) {
  auto identity = testing_support::server_context(testing_support::make_certificate("DNS:db"));
  for (const work operation : {query_much, run_much, copy_much}) {
    for (auto* const tls : {static_cast<asio::ssl::context*>(nullptr), &identity}) {
      const auto failure = meet_a_deaf_server(operation, tls);
      EXPECT_EQ(failure.category, error_category::timeout) << failure.text();
      EXPECT_EQ(failure.statement, "big");
    }
  }
}

TEST(stall, of_many_servers_ends_by_the_one_deadline) {
  stage_play play;
  std::list<asio::ip::tcp::acceptor> silent;
  const auto client = [&silent](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.servers.clear();
    for (int i = 0; i < 10; ++i) {
      const asio::ip::tcp::endpoint anywhere{asio::ip::address_v4::loopback(), 0};
      silent.emplace_back(on.io, anywhere);
      options.servers.push_back({"127.0.0.1", silent.back().local_endpoint().port()});
    }
    const auto began = std::chrono::steady_clock::now();
    const auto made = co_await connect(std::move(options), limit);
    EXPECT_FALSE(made);
    EXPECT_EQ(made.error().category, error_category::timeout) << made.error().text();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5 * limit) << "not ten times";
  };
  play.run(client, [](scripted_peer&) -> asio::awaitable<void> { co_return; });
}

}  // namespace
}  // namespace ingestor::pg
