// The server over loopback, with clients that write whatever they like.
#include "http/server.hpp"

#include "raw_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <future>
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

/// More than sockets hold.
constexpr std::size_t huge_bytes = 50'000'000;

std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n" + std::string{more} + "\r\n";
}

std::string client_hello() {
  const auto hello = std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
  return hello + std::string(500, '\0');
}

std::string http2_preface() {
  return {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33};
}

class http_server : public testing::Test {
 protected:
  void serve(server_options options, const std::string& host = "127.0.0.1") {
    server_.emplace(loop_.get_executor(), options);
    const auto port = server_->listen(host, 0);
    ASSERT_TRUE(port) << port.error().message;
    port_ = *port;
    server_->start([this](const request& asked) { return answer(asked); });
    thread_ = std::thread{[this] { loop_.run(); }};
  }

  void TearDown() override {
    if (!thread_.joinable()) return;
    asio::post(loop_, [this] { server_.reset(); });
    thread_.join();
  }

  static void ask(raw_client& client, const std::string& target) {
    client.send(get(target));
    const auto answer = client.read_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("you asked for " + target)) << answer;
  }

  std::size_t connections() {
    std::promise<std::size_t> count;
    asio::post(loop_, [&] { count.set_value(server_->connections()); });
    return count.get_future().get();
  }

  response answer(const request& asked) {
    if (asked.target == "/throw") throw std::runtime_error{"secret words"};
    if (asked.target == "/big") return {200, "text/plain", std::string(3'000'000, 'x'), {}};
    if (asked.target == "/huge") return {200, "text/plain", std::string(huge_bytes, 'x'), {}};
    return {200, "text/plain", "you asked for " + asked.target, {{"Cache-Control", "no-store"}}};
  }

  asio::io_context loop_;
  std::optional<server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(http_server, answers_get_and_keeps_the_connection) {
  serve({});
  raw_client client{port_};
  client.send(get("/metrics"));
  const auto first = client.read_answer();
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_TRUE(first.ends_with("\r\n\r\nyou asked for /metrics")) << first;
  EXPECT_NE(first.find("\r\nContent-Type: text/plain\r\n"), std::string::npos);
  EXPECT_NE(first.find("\r\nCache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(first.find("\r\nDate: "), std::string::npos);
  client.send(get("/again"));
  EXPECT_TRUE(client.read_answer().ends_with("/again"));
  EXPECT_EQ(connections(), 1U);
}

TEST_F(http_server, answers_requests_that_arrive_together_in_order) {
  serve({});
  raw_client client{port_};
  client.send(get("/1") + get("/2") + get("/3", "Connection: close\r\n"));
  EXPECT_TRUE(client.read_answer().ends_with("/1"));
  EXPECT_TRUE(client.read_answer().ends_with("/2"));
  EXPECT_TRUE(client.read_to_end().ends_with("/3"));
}

TEST_F(http_server, answers_head_without_a_body) {
  serve({});
  raw_client client{port_};
  client.send("HEAD /healthz HTTP/1.1\r\nHost: test\r\n\r\n");
  const auto head = client.read_answer(true);
  EXPECT_NE(head.find("\r\nContent-Length: 22\r\n"), std::string::npos) << head;
  client.send(get("/next"));
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(http_server, closes_after_http_1_0_and_where_asked_to) {
  serve({});
  raw_client old{port_};
  old.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.read_to_end().ends_with("/old"));
  raw_client polite{port_};
  polite.send(get("/bye", "Connection: close\r\n"));
  const auto answer = polite.read_to_end();
  EXPECT_TRUE(answer.ends_with("/bye")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST_F(http_server, sends_large_answers_whole) {
  serve({});
  raw_client client{port_};
  client.send(get("/big", "Connection: close\r\n"));
  const auto answer = client.read_to_end();
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 3'000'000U);
}

TEST_F(http_server, refuses_other_methods_and_lets_the_answer_arrive) {
  serve({});
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "BREW"}) {
    raw_client client{port_};
    client.send(std::string{method} + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" +
                std::string(100'000, 'x'));
    const auto answer = client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << answer;
    EXPECT_NE(answer.find("\r\nAllow: GET, HEAD\r\n"), std::string::npos);
    EXPECT_FALSE(answer.ends_with("(reset)")) << method;
  }
}

TEST_F(http_server, refuses_malformed_requests_and_lets_the_answer_arrive) {
  serve({});
  for (const auto& text : {std::string{"GET\r\n\r\n"}, client_hello(), http2_preface()}) {
    raw_client client{port_};
    client.send(text + std::string(5000, 'x'));
    const auto answer = client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << text << '\n' << answer;
    EXPECT_FALSE(answer.ends_with("(hangs)") || answer.ends_with("(reset)")) << text;
  }
}

TEST_F(http_server, limits_the_head) {
  serve({.header_bytes_max = 2048, .header_fields_max = 10});
  raw_client long_line{port_};
  long_line.send("GET /" + std::string(4000, 'a'));
  EXPECT_TRUE(long_line.read_to_end().starts_with("HTTP/1.1 431 "));
  raw_client many_fields{port_};
  many_fields.send(get("/",
                       "A: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n"
                       "A: b\r\nA: b\r\n"));
  EXPECT_TRUE(many_fields.read_to_end().starts_with("HTTP/1.1 431 "));
  raw_client endless{port_};
  endless.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 400; ++i) endless.send("A: bcdefg\r\n");
  EXPECT_TRUE(endless.read_to_end().starts_with("HTTP/1.1 431 "));
}

TEST_F(http_server, closes_on_clients_that_are_silent) {
  serve({.idle_timeout = milliseconds{150}});
  raw_client silent{port_};
  EXPECT_EQ(silent.read_to_end(), "");
  raw_client kept{port_};
  kept.send(get("/"));
  kept.read_answer();
  EXPECT_EQ(kept.read_to_end(), "");
  EXPECT_EQ(connections(), 0U);
}

/// A byte now and then: each comes in time, the whole does not.
TEST_F(http_server, tells_clients_that_are_slow_that_they_are) {
  serve({.read_timeout = milliseconds{150}});
  raw_client slow{port_};
  std::thread drip{[&] {
    for (const char c : get("/")) {
      slow.send({&c, 1});
      std::this_thread::sleep_for(milliseconds{20});
    }
  }};
  const auto answer = slow.read_to_end();
  drip.join();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << answer;
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos) << answer;
}

TEST_F(http_server, cuts_off_clients_that_do_not_read) {
  serve({.write_timeout = milliseconds{150}});
  raw_client client{port_};
  client.send(get("/huge"));
  std::this_thread::sleep_for(milliseconds{400});
  EXPECT_EQ(connections(), 0U);
  EXPECT_LT(client.read_to_end().size(), huge_bytes);
}

TEST_F(http_server, serves_a_newcomer_in_place_of_the_one_that_was_idle_for_the_longest_time) {
  serve({.connections_max = 3});
  raw_client first{port_};
  ask(first, "/1");
  raw_client second{port_};
  ask(second, "/2");
  raw_client third{port_};
  ask(third, "/3");
  ask(first, "/4");
  raw_client fourth{port_};
  ask(fourth, "/5");
  EXPECT_EQ(second.read_to_end(), "");
  ask(first, "/6");
  ask(third, "/7");
  EXPECT_EQ(connections(), 3U);
}

TEST_F(http_server, serves_a_newcomer_whatever_the_others_wait_for) {
  serve({.connections_max = 3});
  raw_client silent{port_};
  raw_client halfway{port_};
  halfway.send("GET / HTTP/1.1\r\n");
  raw_client deaf{port_};
  deaf.send(get("/huge"));
  std::list<raw_client> newcomers;
  for (int i = 0; i < 20; ++i) ask(newcomers.emplace_back(port_), "/healthz");
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_LT(halfway.read_to_end().size(), 10U);
  EXPECT_LT(deaf.read_to_end().size(), huge_bytes);
}

/// Bytes that complete no request are nothing useful.
TEST_F(http_server, does_not_keep_slow_heads_because_bytes_arrive) {
  serve({.connections_max = 2});
  raw_client slow{port_};
  slow.send("GET / HT");
  raw_client idle{port_};
  ask(idle, "/idle");
  slow.send("TP/1.1\r\n");
  raw_client newcomer{port_};
  ask(newcomer, "/new");
  ask(idle, "/kept");
  slow.send("Host: test\r\n\r\n");
  EXPECT_EQ(slow.read_to_end().find("200 OK"), std::string::npos);
}

TEST_F(http_server, survives_very_many_connections_at_once) {
  serve({.connections_max = 8});
  std::list<raw_client> many;
  for (int i = 0; i < 300; ++i) many.emplace_back(port_).send("GET / HTTP/1.1\r\nHost:");
  raw_client newcomer{port_};
  ask(newcomer, "/healthz");
  EXPECT_LE(connections(), 8U);
}

TEST_F(http_server, survives_a_handler_that_throws_and_keeps_its_words) {
  serve({});
  raw_client client{port_};
  client.send(get("/throw"));
  const auto answer = client.read_answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_EQ(answer.find("secret words"), std::string::npos);
  client.send(get("/fine"));
  EXPECT_TRUE(client.read_answer().ends_with("/fine"));
}

TEST_F(http_server, closes_its_connections_when_it_stops) {
  serve({});
  raw_client client{port_};
  client.send(get("/"));
  client.read_answer();
  asio::post(loop_, [this] { server_->stop(); });
  EXPECT_EQ(client.read_to_end(), "");
}

bool has_ipv6() {
  asio::io_context io;
  tcp::acceptor probe{io};
  error_code absent;
  probe.open(tcp::v6(), absent);
  if (!absent) probe.bind({asio::ip::address_v6::loopback(), 0}, absent);
  return !absent;
}

TEST_F(http_server, listens_on_every_address) {
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6 loopback";
  serve({}, "[::]");
  raw_client six{port_, "::1"};
  ask(six, "/six");
  raw_client four{port_};
  ask(four, "/four");
}

TEST_F(http_server, listens_on_one_ipv6_address) {
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6 loopback";
  serve({}, "[::1]");
  raw_client six{port_, "::1"};
  ask(six, "/six");
  EXPECT_THROW(raw_client{port_}, boost::system::system_error);
}

/// Here `localhost` is what most machines have it be: both loopback addresses.
TEST_F(http_server, listens_on_each_address_of_a_name) {
  asio::io_context io;
  error_code failed;
  const auto found = tcp::resolver{io}.resolve("localhost", "0", failed);
  if (failed) GTEST_SKIP() << "this machine does not know localhost";
  serve({}, "localhost");
  for (const auto& entry : found) {
    if (entry.endpoint().address().is_v6() && !has_ipv6()) continue;
    raw_client client{port_, entry.endpoint().address().to_string()};
    ask(client, "/by-name");
  }
}

TEST_F(http_server, says_why_it_cannot_listen) {
  serve({});
  server second{loop_.get_executor(), {}};
  const auto taken = second.listen("127.0.0.1", port_);
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().message.find("127.0.0.1:" + std::to_string(port_)), std::string::npos);
  EXPECT_NE(taken.error().message.find("in use"), std::string::npos) << taken.error().message;
  server third{loop_.get_executor(), {}};
  EXPECT_FALSE(third.listen("not an address", 0));
}

}  // namespace
}  // namespace ingestor::http
