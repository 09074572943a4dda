#include "client_fixture.hpp"

#include <boost/asio/detached.hpp>

#include <thread>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

void serve_well(peer& p, int) {
  while (!p.read_request().empty()) p.answer("body");
}

TEST_F(http_client, closes_an_idle_connection_before_the_server_does) {
  bool seen = false;
  {
    scripted_server server{[&](peer& p, int) {
      p.read_request();
      p.answer("body");
      seen = p.sees_close();
    }};
    auto brief = options(at(server));
    brief.pool.idle_max = milliseconds{50};
    client http{loop_.get_executor(), brief};
    EXPECT_EQ(told(http), "body");
    EXPECT_EQ(http.stats().idle, 1U);
    let_pass(milliseconds{500});
    EXPECT_EQ(http.stats().idle, 0U);
    EXPECT_EQ(http.stats().open, 0U);
  }
  EXPECT_TRUE(seen);
}

TEST_F(http_client, notices_that_the_peer_has_closed_an_idle_connection) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.answer("body");
  }};
  auto watchful = options(at(server));
  watchful.pool.idle_check = milliseconds{20};
  client http{loop_.get_executor(), watchful};
  EXPECT_EQ(told(http), "body");
  let_pass(milliseconds{500});
  EXPECT_EQ(http.stats().open, 0U);
  EXPECT_EQ(told(http), "body");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(http_client, leaves_an_idle_connection_that_is_in_use_again_alone) {
  scripted_server server{serve_well};
  auto brief = options(at(server));
  brief.pool.idle_max = milliseconds{2000};
  brief.pool.idle_check = milliseconds{10};
  client http{loop_.get_executor(), brief};
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(told(http), "body");
    let_pass(milliseconds{15});
  }
  EXPECT_EQ(server.connections(), 1);
}

asio::awaitable<void> fetch_on(client& http, int& left) {
  client_request request;
  request.method = "GET";
  request.target = "/";
  auto answer = co_await http.send(std::move(request));
  if (answer) {
    const std::size_t much = 1000;
    co_await read_all(*answer, much);
  }
  --left;
}

TEST_F(http_client, keeps_no_more_idle_connections_than_it_may) {
  scripted_server server{[](peer& p, int) {
    while (!p.read_request().empty()) {
      std::this_thread::sleep_for(milliseconds{50});
      p.answer("body");
    }
  }};
  auto few = options(at(server));
  few.pool.connections_max = 5;
  few.pool.idle_connections_max = 2;
  client http{loop_.get_executor(), few};
  int left = 5;
  for (int i = 0; i < 5; ++i) asio::co_spawn(loop_, fetch_on(http, left), asio::detached);
  while (left > 0 && loop_.run_one_for(milliseconds{10'000}) > 0) {
  }
  EXPECT_EQ(server.connections(), 5);
  EXPECT_EQ(http.stats().idle, 2U);
  EXPECT_EQ(http.stats().open, 2U);
}

TEST_F(http_client, leaves_no_timer_behind) {
  scripted_server server{serve_well};
  {
    client http{loop_.get_executor(), options(at(server))};
    EXPECT_EQ(told(http), "body");
  }
  const auto begun = std::chrono::steady_clock::now();
  let_pass(milliseconds{10'000});
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds{4'000});
}

}  // namespace
}  // namespace ingestor::http
