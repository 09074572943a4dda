#include "client_fixture.hpp"

#include <boost/asio/detached.hpp>

#include <atomic>
#include <thread>

namespace ingestor::s3 {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::string_view etag = "ETag: \"e\"\r\n";

/// Answers everything on every connection.
void serve_well(peer& p, int) {
  while (!p.read_request().empty()) p.answer("body", etag);
}

TEST_F(s3_client, uses_one_connection_for_requests_in_a_row) {
  scripted_server server{serve_well};
  client s3{loop_.get_executor(), options(server)};
  for (int i = 0; i < 20; ++i) {
    auto object = get(s3);
    ASSERT_TRUE(object);
    EXPECT_EQ(body_of(*object), "body");
  }
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(s3.connections().idle, 1U);
}

TEST_F(s3_client, keeps_the_connection_of_a_stream_dropped_after_its_last_byte) {
  scripted_server server{serve_well};
  client s3{loop_.get_executor(), options(server)};
  for (int i = 0; i < 3; ++i) {
    auto object = get(s3);
    ASSERT_TRUE(object);
    const auto piece = await_on(loop_, object->read());
    ASSERT_TRUE(piece);
    ASSERT_EQ(piece->size(), 4U);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(s3_client, closes_the_connection_of_a_stream_dropped_before_its_end) {
  scripted_server server{[](peer& p, int connection) {
    p.read_request();
    if (connection == 1) {
      p.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nETag: \"e\"\r\n\r\nsome");
      EXPECT_TRUE(p.sees_close());
    } else {
      p.answer("body", etag);
    }
  }};
  client s3{loop_.get_executor(), options(server)};
  {
    auto object = get(s3);
    ASSERT_TRUE(object);
    ASSERT_TRUE(await_on(loop_, object->read()));
  }
  EXPECT_EQ(s3.connections().open, 0U);
  auto second = get(s3);
  ASSERT_TRUE(second);
  EXPECT_EQ(body_of(*second), "body");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(s3_client, replaces_a_kept_connection_that_the_server_has_closed) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.answer("body", etag);
  }};
  client s3{loop_.get_executor(), options(server)};
  for (int i = 0; i < 3; ++i) {
    auto object = get(s3);
    ASSERT_TRUE(object) << object.error().text();
    EXPECT_EQ(body_of(*object), "body");
    std::this_thread::sleep_for(milliseconds{20});
  }
  EXPECT_EQ(server.connections(), 3);
  EXPECT_EQ(outcomes_.size(), 3U) << "none of them counts as a failed request";
}

TEST_F(s3_client, replaces_a_kept_connection_that_dies_under_the_next_request) {
  scripted_server server{[](peer& p, int connection) {
    p.read_request();
    p.answer("body", etag);
    p.read_request();
    if (connection == 1) return;
    p.answer("again", etag);
  }};
  client s3{loop_.get_executor(), options(server)};
  auto first = get(s3);
  ASSERT_TRUE(first);
  EXPECT_EQ(body_of(*first), "body");
  auto second = get(s3);
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(body_of(*second), "body");
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(outcomes_.size(), 2U);
}

TEST_F(s3_client, does_not_replace_a_connection_that_was_new) {
  scripted_server server{[](peer& p, int) { p.read_request(); }};
  auto once = options(server);
  once.retry.attempts_max = 1;
  client s3{loop_.get_executor(), once};
  const auto object = get(s3);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, error_kind::connection);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(s3_client, drops_a_connection_that_is_out_of_step) {
  scripted_server server{answers_once_too_often};
  expect_no_answer_but_its_own(options(server));
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(s3_client, closes_where_the_server_says_so) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.answer("body", "ETag: \"e\"\r\nConnection: close\r\n");
    p.sees_close();
  }};
  client s3{loop_.get_executor(), options(server)};
  for (int i = 0; i < 2; ++i) {
    auto object = get(s3);
    ASSERT_TRUE(object);
    EXPECT_EQ(body_of(*object), "body");
    EXPECT_EQ(s3.connections().open, 0U);
  }
}

asio::awaitable<void> get_and_drain(client& s3, int& finished) {
  const std::string key = "k";
  const std::string any;
  auto object = co_await s3.get_object(key, any);
  if (!object) co_return;
  for (;;) {
    const auto piece = co_await object->read();
    if (!piece) co_return;
    if (piece->empty()) break;
  }
  ++finished;
}

TEST_F(s3_client, shares_a_limited_number_of_connections) {
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  scripted_server server{[&](peer& p, int) {
    most = std::max<int>(most, ++at_once);
    while (!p.read_request().empty()) {
      std::this_thread::sleep_for(milliseconds{5});
      p.answer("body", etag);
    }
    --at_once;
  }};
  auto few = options(server);
  few.connections_max = 3;
  client s3{loop_.get_executor(), few};
  int finished = 0;
  for (int i = 0; i < 30; ++i) asio::co_spawn(loop_, get_and_drain(s3, finished), asio::detached);
  while (finished < 30 && loop_.run_one() > 0) {
  }
  EXPECT_EQ(finished, 30);
  EXPECT_EQ(most, 3);
  EXPECT_EQ(server.connections(), 3);
  EXPECT_EQ(s3.connections().open, 3U);
  EXPECT_EQ(s3.connections().idle, 3U);
}

TEST_F(s3_client, passes_places_on_when_connections_fail) {
  scripted_server server{[](peer& p, int connection) {
    p.read_request();
    if (connection % 2 == 0) return;
    p.answer("body", "ETag: \"e\"\r\nConnection: close\r\n");
  }};
  auto few = options(server);
  few.connections_max = 1;
  few.retry.attempts_max = 10;
  client s3{loop_.get_executor(), few};
  int finished = 0;
  for (int i = 0; i < 10; ++i) asio::co_spawn(loop_, get_and_drain(s3, finished), asio::detached);
  loop_.run();
  EXPECT_EQ(finished, 10);
  EXPECT_EQ(s3.connections().open, 0U);
}

TEST_F(s3_client, ends_cleanly_while_streams_are_open_and_others_wait) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nETag: \"e\"\r\n\r\nsome");
    EXPECT_TRUE(p.sees_close());
  }};
  auto few = options(server);
  few.connections_max = 2;
  int finished = 0;
  {
    asio::io_context loop;
    client s3{loop.get_executor(), few};
    for (int i = 0; i < 5; ++i) asio::co_spawn(loop, get_and_drain(s3, finished), asio::detached);
    loop.run_for(milliseconds{100});
  }
  EXPECT_EQ(finished, 0);
}

}  // namespace
}  // namespace ingestor::s3
