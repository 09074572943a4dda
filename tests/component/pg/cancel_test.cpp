// Cancel requests, over connections of their own.
#include "pg/connection.hpp"
#include "scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

/// A cancel that must fail, and how.
struct failing_cancel {
  error& failure;

  asio::awaitable<void> operator()(stage_play& play) const {
    const auto session = co_await connected(play);
    const auto done = co_await session->cancel(200ms);
    EXPECT_FALSE(done);
    if (!done) failure = done.error();
    EXPECT_TRUE(session->usable());
  }
};

TEST(cancel, is_not_done_before_the_server_has_closed) {
  stage_play play;
  error failure;
  play.run(failing_cancel{failure}, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    auto second = co_await peer.accept_another();
    co_await second.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::timeout);
  EXPECT_THAT(failure.server, HasSubstr("127.0.0.1:"));
}

TEST(cancel, an_answer_is_told) {
  stage_play play;
  error failure;
  play.run(failing_cancel{failure}, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    auto second = co_await peer.accept_another();
    co_await second.receive_untyped();
    co_await second.send(server_error("53300", "FATAL"));
    co_await second.until_gone();
  });
  EXPECT_EQ(failure.sqlstate, "53300");
}

TEST(cancel, without_a_key_nothing_is_sent) {
  stage_play play;
  error failure;
  play.run(failing_cancel{failure}, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send(bytes_of(wire::authentication{wire::authentication_ok{}}) + ready());
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::statement);
  EXPECT_THAT(failure.message, HasSubstr("no key"));
}

TEST(cancel, sends_the_key_over_a_connection_of_its_own) {
  stage_play play;
  std::string request;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto done = co_await session->cancel(5s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
    EXPECT_TRUE(session->usable());
  };
  play.run(client, [&request](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.accept();
    request = co_await peer.receive_untyped();
    peer.close();
  });
  const auto decoded = wire::cancel_request::decode(as_bytes(request));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, (wire::cancel_request{7, 8}));
}

}  // namespace
}  // namespace ingestor::pg
