#include "pg/transaction.hpp"

#include "scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

TEST(transaction, that_the_server_does_not_begin_is_a_violation) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto begun = co_await transaction::begin(*session, 5s);
    EXPECT_FALSE(begun);
    EXPECT_EQ(begun.error().category, error_category::protocol_violation);
    EXPECT_THAT(begun.error().text(), testing::HasSubstr("begins no transaction"));
    EXPECT_FALSE(session->usable());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('S');
    auto answer = bytes_of(wire::parse_complete{}) + bytes_of(wire::bind_complete{}) +
                  bytes_of(wire::no_data{}) + bytes_of(wire::command_complete{"BEGIN"}) + ready();
    co_await peer.send(std::move(answer));
    co_await peer.until_gone();
  });
}

}  // namespace
}  // namespace ingestor::pg
