// A server that has not let us in, and the last words of one that had: both may be long.
#include "../scram_server.hpp"
#include "../scripted_peer.hpp"
#include "allocations.hpp"
#include "test_certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

/// Of a server that is left to talk until the deadline.
constexpr auto short_limit = 200ms;
constexpr auto long_limit = 20s;

/// What may be buffered for a peer that has not let us in.
constexpr std::size_t stranger_bytes_max = 64U * 1024;
/// What Asio holds of a TLS session, a record each way: of the client's and of the server's.
constexpr std::size_t tls_bytes = 4U * 17 * 1024;

struct met {
  error failure;
  std::size_t peak_bytes = 0;
};

/// Connects, with a password, in vain.
met fail_to_connect(const stage_play::server_script& server, std::chrono::milliseconds limit,
                    ssl_mode sslmode = ssl_mode::disable) {
  met outcome;
  stage_play play;
  const auto client = [&](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.password = secret{"secret"};
    options.sslmode = sslmode;
    key_deriver keys;
    const allocations taken;
    const auto made = co_await connect(std::move(options), limit, keys);
    outcome.peak_bytes = taken.peak_bytes();
    EXPECT_FALSE(made);
    if (!made) outcome.failure = made.error();
  };
  play.run(client, server);
  return outcome;
}

std::vector<std::string> notices() {
  const std::string long_text(29'000, 'n');
  return {bytes_of(wire::notice_response{{{{'M', "note"}}}}),
          bytes_of(wire::notice_response{{{{'M', long_text}}}})};
}

asio::awaitable<void> talk_without_end(scripted_peer& peer, const std::string& message) {
  for (bool there = true; there;) there = co_await peer.send(message);
}

TEST(stranger, that_talks_without_end_meets_the_deadline_in_64_kib) {
  for (const auto& message : notices()) {
    const auto outcome = fail_to_connect(
        [&message](scripted_peer& peer) -> asio::awaitable<void> {
          co_await peer.accept();
          co_await peer.receive_untyped();
          co_await talk_without_end(peer, message);
        },
        short_limit);
    EXPECT_EQ(outcome.failure.category, error_category::timeout) << outcome.failure.text();
    // The message that the server sends lies in this process, too.
    EXPECT_LE(outcome.peak_bytes, stranger_bytes_max + message.size());
  }
}

TEST(stranger, over_tls_is_no_better_known) {
  auto identity = testing_support::server_context(testing_support::make_certificate("DNS:db"));
  for (const auto& message : notices()) {
    const auto outcome = fail_to_connect(
        [&](scripted_peer& peer) -> asio::awaitable<void> {
          co_await peer.accept();
          co_await peer.receive_untyped();
          co_await peer.send("S");
          co_await peer.start_tls(identity);
          co_await peer.receive_untyped();
          co_await talk_without_end(peer, message);
        },
        short_limit, ssl_mode::require);
    EXPECT_EQ(outcome.failure.category, error_category::timeout) << outcome.failure.text();
    EXPECT_LE(outcome.peak_bytes, stranger_bytes_max + tls_bytes + message.size());
  }
}

TEST(stranger, that_claims_to_have_much_to_say_is_refused_by_the_length) {
  for (const char* const header : {"E\x00\xff\xff\xff", "N\x00\x00\x75\x31", "R\x00\x00\x07\xd1"}) {
    const auto message = std::string(header, wire::frame_header_bytes) + std::string(1'000, 'x');
    const auto outcome = fail_to_connect(
        [&message](scripted_peer& peer) -> asio::awaitable<void> {
          co_await peer.accept();
          co_await peer.receive_untyped();
          co_await talk_without_end(peer, message);
        },
        long_limit);
    EXPECT_EQ(outcome.failure.category, error_category::protocol_violation);
    EXPECT_THAT(outcome.failure.text(), HasSubstr("impossible length"));
    EXPECT_LE(outcome.peak_bytes, stranger_bytes_max);
  }
}

/// An error from before TLS is nobody's word: it is neither shown nor believed.
TEST(stranger, that_refuses_tls_in_words_is_not_quoted) {
  const auto outcome = fail_to_connect(
      [](scripted_peer& peer) -> asio::awaitable<void> {
        co_await peer.accept();
        co_await peer.receive_untyped();
        auto words = server_error("28P01", "FATAL");
        co_await peer.send(std::move(words));
        co_await peer.until_gone();
      },
      long_limit, ssl_mode::require);
  EXPECT_EQ(outcome.failure.category, error_category::connection) << outcome.failure.text();
  EXPECT_EQ(outcome.failure.sqlstate, "");
  EXPECT_THAT(outcome.failure.text(), Not(HasSubstr("scripted error")));
}

asio::awaitable<void> ask_for_iterations(scripted_peer& peer, std::uint32_t iterations) {
  auto offer = bytes_of(wire::authentication{wire::authentication_sasl{{"SCRAM-SHA-256"}}});
  co_await peer.send(std::move(offer));
  const auto asked = co_await peer.receive_message();
  const auto first = wire::sasl_initial_response::decode(as_bytes(asked.body));
  scram_server scram{"secret", iterations};
  const auto text = scram.challenge(as_text(*first->data));
  auto challenge = bytes_of(wire::authentication{wire::authentication_sasl_continue{text}});
  co_await peer.send(std::move(challenge));
}

TEST(stranger, that_asks_for_200_million_iterations_is_refused_before_they_begin) {
  const auto outcome = fail_to_connect(
      [](scripted_peer& peer) -> asio::awaitable<void> {
        co_await peer.accept();
        co_await peer.receive_untyped();
        co_await ask_for_iterations(peer, 200'000'000);
        co_await peer.until_gone();
      },
      long_limit);
  EXPECT_EQ(outcome.failure.category, error_category::authentication) << outcome.failure.text();
  EXPECT_THAT(outcome.failure.text(), HasSubstr("iterations"));
}

TEST(last_words, of_16_mib_are_kept_short) {
  const std::string much(wire::long_message_bytes_max - 100, 'm');
  auto answer = bytes_of(wire::error_response{{{{'C', "22012"}, {'M', much}}}}) + ready();
  stage_play play;
  error failure;
  const auto client = [&failure](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const allocations taken;
    const auto rows = co_await session->query(select_n, long_limit);
    // Growing, a buffer holds its old memory beside the new, which is twice as large.
    EXPECT_LE(taken.peak_bytes(), 3 * wire::long_message_bytes_max / 2 + stranger_bytes_max);
    EXPECT_FALSE(rows);
    failure = rows.error();
    EXPECT_TRUE(session->usable());
  };
  play.run(client, [&answer](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('S');
    co_await peer.send(std::move(answer));
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.sqlstate, "22012");
  EXPECT_LE(failure.text().size(), 2 * error_text_bytes_max);
}

TEST(last_words, of_several_servers_processes_end_with_the_connection) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = co_await session->query(select_n, long_limit);
    EXPECT_FALSE(rows);
    EXPECT_EQ(rows.error().sqlstate, "57P01") << "the first says why";
    EXPECT_FALSE(session->usable());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('S');
    auto words = server_error("57P01", "FATAL") + server_error("08006", "FATAL");
    co_await peer.send(std::move(words));
    peer.close();
  });
}

}  // namespace
}  // namespace ingestor::pg
