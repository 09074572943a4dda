// The server over loopback, with clients that write whatever they like.
#include "http/server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <future>
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

/// A blocking client that gives up after a while, so that a test fails instead of hanging.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port, const std::string& host = "127.0.0.1") : socket_{io_} {
    socket_.connect({asio::ip::make_address(host), port});
    const timeval patience{5, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  void send(std::string_view text) {
    error_code ignored;
    asio::write(socket_, asio::buffer(text), ignored);
  }

  /// Up to the end of the stream; "(reset)" or "(hangs)" at the end tell of another end.
  std::string read_to_end() {
    std::string out;
    for (;;) {
      char piece[4096];
      const auto count = ::recv(socket_.native_handle(), piece, sizeof piece, 0);
      if (count == 0) return out;
      if (count < 0) return out + (errno == ECONNRESET ? "(reset)" : "(hangs)");
      out.append(piece, static_cast<std::size_t>(count));
    }
  }

  /// One answer whose body is as long as its Content-Length says.
  std::string read_answer(bool without_body = false) {
    std::string out;
    while (out.find("\r\n\r\n") == std::string::npos) {
      if (!read_more(out)) return out + "(cut)";
    }
    const auto head_end = out.find("\r\n\r\n") + 4;
    const auto length_at = out.find("Content-Length: ") + 16;
    const auto length = without_body ? 0 : std::stoul(out.substr(length_at));
    while (out.size() < head_end + length) {
      if (!read_more(out)) return out + "(cut)";
    }
    return out;
  }

 private:
  bool read_more(std::string& out) {
    char byte = 0;
    const auto count = ::recv(socket_.native_handle(), &byte, 1, 0);
    if (count > 0) out.push_back(byte);
    return count > 0;
  }

  asio::io_context io_;
  tcp::socket socket_;
};

std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n" + std::string{more} + "\r\n";
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

  std::size_t connections() {
    std::promise<std::size_t> count;
    asio::post(loop_, [&] { count.set_value(server_->connections()); });
    return count.get_future().get();
  }

  response answer(const request& asked) {
    if (asked.target == "/throw") throw std::runtime_error{"secret words"};
    if (asked.target == "/big") return {200, "text/plain", std::string(3'000'000, 'x'), {}};
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

TEST_F(http_server, refuses_malformed_requests) {
  serve({});
  for (const auto* text :
       {"\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "G\x01T / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    raw_client client{port_};
    client.send(text);
    const auto answer = client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << text << '\n' << answer;
    EXPECT_EQ(answer.find("(hangs)"), std::string::npos) << text;
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

TEST_F(http_server, closes_on_clients_that_are_slow_or_silent) {
  serve({.idle_timeout = milliseconds{150}, .read_timeout = milliseconds{150}});
  raw_client silent{port_};
  EXPECT_EQ(silent.read_to_end(), "");
  raw_client slow{port_};
  const auto begun = std::chrono::steady_clock::now();
  std::thread drip{[&] {
    for (const char c : get("/")) {
      slow.send({&c, 1});
      std::this_thread::sleep_for(milliseconds{20});
    }
  }};
  const auto answer = slow.read_to_end();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds{2000});
  drip.join();
  EXPECT_EQ(answer.find("200 OK"), std::string::npos);
  EXPECT_EQ(connections(), 0U);
}

TEST_F(http_server, turns_connections_away_beyond_its_limit) {
  serve({.connections_max = 2});
  raw_client first{port_};
  raw_client second{port_};
  first.send(get("/"));
  second.send(get("/"));
  first.read_answer();
  second.read_answer();
  raw_client third{port_};
  const auto answer = third.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\ntoo many connections\n")) << answer;
  first.send(get("/still/served"));
  EXPECT_TRUE(first.read_answer().ends_with("/still/served"));
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

TEST_F(http_server, listens_on_ipv6) {
  asio::io_context io;
  tcp::acceptor probe{io};
  error_code absent;
  probe.open(tcp::v6(), absent);
  if (!absent) probe.bind({asio::ip::address_v6::loopback(), 0}, absent);
  if (absent) GTEST_SKIP() << "this machine has no IPv6 loopback";
  serve({}, "[::]");
  raw_client six{port_, "::1"};
  six.send(get("/six"));
  EXPECT_TRUE(six.read_answer().ends_with("/six"));
  raw_client four{port_};
  four.send(get("/four"));
  EXPECT_TRUE(four.read_answer().ends_with("/four"));
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
