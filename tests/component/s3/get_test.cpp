#include "client_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>

namespace ingestor::s3 {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

TEST_F(s3_client, streams_an_object_in_bounded_pieces) {
  std::string body(1'000'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 + i / 251);
  scripted_server server{[&](peer& p, int) {
    p.read_request();
    p.answer(body, "ETag: \"e-1\"\r\nLast-Modified: Mon, 12 Oct 2009 17:50:30 GMT\r\n");
  }};
  auto small = options(server);
  small.piece_bytes = 4096;
  client s3{loop_.get_executor(), small};
  auto object = get(s3);
  ASSERT_TRUE(object) << object.error().text();
  EXPECT_EQ(object->etag(), "e-1");
  EXPECT_EQ(object->content_length(), 1'000'000);
  EXPECT_EQ(object->last_modified(), timestamp{std::chrono::seconds{1255369830}});
  std::string got;
  for (;;) {
    const auto piece = await_on(loop_, object->read());
    ASSERT_TRUE(piece);
    if (piece->empty()) break;
    // The first piece may be what arrived together with the head.
    EXPECT_LE(piece->size(), got.empty() ? 65536U : 4096U);
    got += as_text(*piece);
  }
  EXPECT_EQ(got, body);
  const auto after = await_on(loop_, object->read());
  ASSERT_TRUE(after);
  EXPECT_TRUE(after->empty());
}

TEST_F(s3_client, never_takes_a_short_body_for_the_end) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nETag: \"e\"\r\n\r\n" + std::string(99, 'x'));
  }};
  client s3{loop_.get_executor(), options(server)};
  auto object = get(s3);
  ASSERT_TRUE(object);
  const auto body = drain(*object);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, error_kind::connection);
  EXPECT_TRUE(body.error().transient());
  EXPECT_NE(body.error().text().find("1 bytes are missing"), std::string::npos)
      << body.error().text();
  EXPECT_FALSE(await_on(loop_, object->read())) << "the error must not turn into an end";
}

TEST_F(s3_client, never_takes_a_cut_chunked_body_for_the_end) {
  for (const std::string_view break_off : {"", "zz\r\n"}) {
    scripted_server server{[&](peer& p, int) {
      p.read_request();
      p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"e\"\r\n\r\n5\r\nhello\r\n");
      p.send(break_off);
    }};
    client s3{loop_.get_executor(), options(server)};
    auto object = get(s3);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->content_length(), -1);
    const auto half = drain(*object);
    ASSERT_FALSE(half);
    EXPECT_EQ(half.error().kind, error_kind::connection);
  }
}

TEST_F(s3_client, reads_a_chunked_body_to_its_end) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"e\"\r\n\r\n"
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
  }};
  client s3{loop_.get_executor(), options(server)};
  auto whole = get(s3);
  ASSERT_TRUE(whole);
  EXPECT_EQ(body_of(*whole), "hello world");
}

TEST_F(s3_client, refuses_a_body_whose_end_cannot_be_told) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nETag: \"e\"\r\n\r\nsome bytes");
  }};
  client s3{loop_.get_executor(), options(server)};
  const auto object = get(s3);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, error_kind::protocol);
}

TEST_F(s3_client, gives_up_on_a_body_that_stalls) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nETag: \"e\"\r\n\r\nfirst");
    EXPECT_TRUE(p.sees_close());
  }};
  auto impatient = options(server);
  impatient.stall_timeout = milliseconds{100};
  client s3{loop_.get_executor(), impatient};
  auto object = get(s3);
  ASSERT_TRUE(object);
  const auto body = drain(*object);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, error_kind::timeout);
}

TEST_F(s3_client, gives_up_on_an_answer_that_does_not_come) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 ");
    EXPECT_TRUE(p.sees_close());
  }};
  auto impatient = options(server);
  impatient.first_byte_timeout = milliseconds{100};
  impatient.retry.attempts_max = 2;
  client s3{loop_.get_executor(), impatient};
  const auto object = get(s3);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, error_kind::timeout);
  EXPECT_EQ(outcomes_, (std::vector<std::string>{"GetObject timeout", "GetObject timeout"}));
}

TEST_F(s3_client, opens_again_after_a_503) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send(error_answer("503 Service Unavailable", "ServiceUnavailable"));
    p.read_request();
    p.answer("body", "ETag: \"e\"\r\n");
  }};
  client s3{loop_.get_executor(), options(server)};
  auto object = get(s3);
  ASSERT_TRUE(object);
  EXPECT_EQ(body_of(*object), "body");
  EXPECT_EQ(outcomes_, (std::vector<std::string>{"GetObject 503", "GetObject 200"}));
}

TEST_F(s3_client, tells_apart_what_may_be_wrong_with_an_object) {
  const std::vector<std::pair<std::string, error_kind>> answers{
      {error_answer("404 Not Found", "NoSuchKey"), error_kind::no_such_key},
      {error_answer("404 Not Found", "NoSuchBucket"), error_kind::no_such_bucket},
      {error_answer("412 Precondition Failed", "PreconditionFailed"),
       error_kind::precondition_failed},
      {error_answer("403 Forbidden", "InvalidObjectState"), error_kind::archived},
      {error_answer("400 Bad Request", "ExpiredToken"), error_kind::credentials}};
  std::atomic<std::size_t> next = 0;
  scripted_server server{[&](peer& p, int) {
    while (!p.read_request().empty()) p.send(answers[next++].first);
  }};
  client s3{loop_.get_executor(), options(server)};
  for (const auto& [answer, kind] : answers) {
    const auto object = get(s3, "the key");
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().kind, kind) << object.error().text();
    EXPECT_EQ(object.error().key, "the key");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(s3_client, asks_for_one_version_from_one_byte) {
  std::string seen;
  scripted_server server{[&](peer& p, int connection) {
    const auto request = p.read_request();
    if (connection == 2) {
      p.answer("another version", "ETag: \"f\"\r\n");
      return;
    }
    seen = request;
    p.send(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nETag: \"e\"\r\n"
        "Content-Range: bytes 7-9/10\r\n\r\nxyz");
    p.read_request();
    p.answer("the whole of it", "ETag: \"e\"\r\n");
  }};
  client s3{loop_.get_executor(), options(server)};
  auto tail = get(s3, "a key", "e", 7);
  ASSERT_TRUE(tail) << tail.error().text();
  EXPECT_TRUE(seen.starts_with("GET /logs/a%20key HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("\r\nif-match: \"e\"\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nrange: bytes=7-\r\n"), std::string::npos);
  EXPECT_EQ(body_of(*tail), "xyz");
  const auto ignored_range = get(s3, "a key", "e", 7);
  ASSERT_FALSE(ignored_range);
  EXPECT_EQ(ignored_range.error().kind, error_kind::protocol);
  const auto ignored_match = get(s3, "a key", "e");
  ASSERT_FALSE(ignored_match);
  EXPECT_EQ(ignored_match.error().kind, error_kind::precondition_failed)
      << ignored_match.error().text();
}

TEST_F(s3_client, does_not_let_an_etag_write_headers) {
  scripted_server server{[](peer&, int) {}};
  client s3{loop_.get_executor(), options(server)};
  const auto object = get(s3, "k", "e\"\r\nx-evil: \"1");
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, error_kind::configuration);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(s3_client, survives_answers_that_are_not_http) {
  std::string many_fields;
  for (int i = 0; i < 1000; ++i) many_fields += "a: b\r\n";
  std::string informational;
  for (int i = 0; i < 100; ++i) informational += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::vector<std::string> answers{
      "SSH-2.0-OpenSSH_9.2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\n" + many_fields + "\r\n",
      "HTTP/1.1 200 OK\r\nx: " + std::string(100'000, 'y') + "\r\n\r\n",
      informational};
  for (const auto& answer : answers) {
    scripted_server server{[&](peer& p, int) {
      p.read_request();
      p.send(answer);
    }};
    client s3{loop_.get_executor(), options(server)};
    const auto object = get(s3);
    ASSERT_FALSE(object) << answer.substr(0, 60);
    EXPECT_EQ(object.error().kind, error_kind::protocol) << answer.substr(0, 60) << '\n'
                                                         << object.error().text();
    EXPECT_EQ(server.connections(), 4) << answer.substr(0, 60);
  }
}

TEST_F(s3_client, reads_no_more_of_an_endless_head_than_its_limit) {
  std::atomic<std::size_t> sent = 0;
  scripted_server server{[&](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\n");
    const std::string line = "x-flood: " + std::string(1000, 'y') + "\r\n";
    // The other side hangs up long before the end; what is in flight is a socket buffer or two.
    for (int i = 0; i < 100'000 && !p.closed(); ++i) {
      p.send(line);
      sent += line.size();
    }
  }};
  client s3{loop_.get_executor(), options(server)};
  const auto object = get(s3);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, error_kind::protocol) << object.error().text();
  EXPECT_LT(sent, 50'000'000U);
}

TEST_F(s3_client, passes_over_informational_answers) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
    p.answer("body", "ETag: \"e\"\r\n");
  }};
  client s3{loop_.get_executor(), options(server)};
  auto object = get(s3);
  ASSERT_TRUE(object) << object.error().text();
  EXPECT_EQ(body_of(*object), "body");
}

asio::awaitable<void> get_into(client& s3, std::optional<result<object_stream>>& out) {
  const std::string key = "k";
  const std::string any;
  out.emplace(co_await s3.get_object(key, any));
}

TEST_F(s3_client, ends_at_once_when_it_is_cancelled) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    EXPECT_TRUE(p.sees_close());
  }};
  client s3{loop_.get_executor(), options(server)};
  asio::cancellation_signal stop;
  std::optional<result<object_stream>> object;
  asio::co_spawn(loop_, get_into(s3, object),
                 asio::bind_cancellation_slot(stop.slot(), asio::detached));
  asio::steady_timer soon{loop_, milliseconds{50}};
  soon.async_wait([&](auto) { stop.emit(asio::cancellation_type::terminal); });
  const auto begun = std::chrono::steady_clock::now();
  loop_.run();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds{1000});
  ASSERT_TRUE(object);
  ASSERT_FALSE(*object);
  EXPECT_EQ(object->error().kind, error_kind::cancelled);
  EXPECT_EQ(s3.connections().open, 0U);
}

}  // namespace
}  // namespace ingestor::s3
