#include "client_fixture.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace ingestor::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

class http_answers : public http_client {
 protected:
  /// What comes of a server that sends this, and closes.
  result<std::string> of(const std::string& bytes) {
    scripted_server server{[&](peer& p, int) {
      p.read_request();
      p.send(bytes);
    }};
    client http{loop_.get_executor(), options(at(server))};
    return fetch(http);
  }

  void expect_refused(const std::string& bytes, error_kind kind) {
    const auto got = of(bytes);
    ASSERT_FALSE(got) << bytes.substr(0, 80);
    EXPECT_EQ(got.error().kind, kind) << bytes.substr(0, 80) << '\n' << got.error().message;
  }
};

TEST_F(http_answers, must_begin_with_a_status_line) {
  for (const auto& line :
       {"SSH-2.0-OpenSSH_9.2"s, "HTTP/2 200"s, "HTTP/1.1"s, "HTTP/1.1 20 OK"s, "HTTP/1.1 2000 OK"s,
        "HTTP/1.1 abc OK"s, "HTTP/1.1 099 What"s, "HTTP/1.1 000 What"s, "HTTP/9.9 200 OK"s,
        "\0\0\0"s, "ICY 200 OK"s, "http/1.1 200 OK"s, "HTTP/1.1  200 OK"s, "HTTP/1.1 200 \x01"s}) {
    expect_refused(line + "\r\nContent-Length: 0\r\n\r\n", error_kind::protocol);
  }
}

TEST_F(http_answers, must_have_headers_that_can_be_read) {
  for (const auto& line : {"no colon"s, "a b: c"s, ": c"s, "a\0b: c"s, "a: b\0c"s, "a: b\x01"s,
                           "a : b"s, "a: b\rc: d"s}) {
    expect_refused("HTTP/1.1 200 OK\r\n" + line + "\r\nContent-Length: 0\r\n\r\n",
                   error_kind::protocol);
  }
}

TEST_F(http_answers, must_say_once_how_long_they_are) {
  for (const auto& lines :
       {"Content-Length: -1"s, "Content-Length: +1"s, "Content-Length: 0x1"s,
        "Content-Length: 1 1"s, "Content-Length: "s, "Content-Length: 18446744073709551616"s,
        "Content-Length: 1\r\nContent-Length: 2"s, "Content-Length: 1, 2"s,
        "Content-Length: 1\r\nTransfer-Encoding: chunked"s,
        "Transfer-Encoding: chunked\r\nContent-Length: 1"s, "Transfer-Encoding: gzip"s,
        "Transfer-Encoding: gzip, chunked"s, "Transfer-Encoding: chunked, gzip"s,
        "Transfer-Encoding: identity"s, "Transfer-Encoding: xchunked"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"s}) {
    expect_refused("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\nx", error_kind::protocol);
  }
  expect_refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 error_kind::protocol);
}

TEST_F(http_answers, must_have_chunks_that_can_be_read) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& chunks :
       {"-1\r\nx\r\n0\r\n\r\n"s, "zz\r\n"s, "\r\n"s, "1\nx\r\n0\r\n\r\n"s, "1\r\nxy\r\n0\r\n\r\n"s,
        "10000000000000000\r\nx"s, "1\r\nx\r\n0\r\nno colon\r\n\r\n"s}) {
    expect_refused(head + chunks, error_kind::protocol);
  }
  for (const auto& chunks : {"5\r\nabc"s, "5\r\nabcde"s, "5\r\nabcde\r\n"s, "0\r\n"s, ""s}) {
    expect_refused(head + chunks, error_kind::closed);
  }
}

TEST_F(http_answers, are_read_no_further_than_their_limits) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  for (const auto& [start, more] :
       std::vector<std::pair<std::string, std::string>>{{"", "garbage"},
                                                        {"HTTP/1.1 200 ", "reason"},
                                                        {head, "x: y\r\n"},
                                                        {head + "x: ", "y"},
                                                        {head + "x", "y"},
                                                        {chunked + "1;", "extension"},
                                                        {chunked + "1", "0"},
                                                        {chunked + "1\r\nx\r\n0\r\n", "x: y\r\n"},
                                                        {chunked + "1\r\nx\r\n0\r\nx: ", "y"},
                                                        {"", "HTTP/1.1 100 Continue\r\n\r\n"}}) {
    std::atomic<std::size_t> sent = 0;
    scripted_server server{[&, start = start, more = more](peer& p, int) {
      p.read_request();
      p.send(start);
      std::string much;
      while (much.size() < 10'000) much += more;
      for (int i = 0; i < 10'000 && !p.closed(); ++i) {
        p.send(much);
        sent += much.size();
      }
    }};
    client http{loop_.get_executor(), options(at(server))};
    const auto got = fetch(http);
    ASSERT_FALSE(got) << start << more;
    EXPECT_TRUE(got.error().kind == error_kind::limit || got.error().kind == error_kind::protocol)
        << start << more << '\n'
        << got.error().message;
    EXPECT_LT(sent, 50'000'000U) << start << more;
  }
}

TEST_F(http_answers, may_have_no_body) {
  std::atomic<int> next = 0;
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n";
  const std::vector<std::string> answers{
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: \"e\"\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      hints + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  scripted_server server{[&](peer& p, int) {
    while (!p.read_request().empty()) p.send(answers.at(static_cast<std::size_t>(next++)));
  }};
  client http{loop_.get_executor(), options(at(server))};
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(told(http), "");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(http_answers, to_head_have_no_body) {
  std::string asked;
  scripted_server server{[&](peer& p, int) {
    asked = p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    p.read_request();
    p.answer("body");
  }};
  client http{loop_.get_executor(), options(at(server))};
  auto sized = ask(http, "HEAD");
  ASSERT_TRUE(sized) << sized.error().message;
  EXPECT_EQ(sized->content_length(), 1000U);
  EXPECT_EQ(*body(*sized), "");
  auto unsized = ask(http, "HEAD");
  ASSERT_TRUE(unsized) << unsized.error().message;
  EXPECT_EQ(unsized->content_length(), std::nullopt);
  EXPECT_EQ(*body(*unsized), "");
  EXPECT_EQ(told(http), "body");
  EXPECT_EQ(server.connections(), 1);
  EXPECT_TRUE(asked.starts_with("HEAD /what HTTP/1.1\r\n"));
}

TEST_F(http_answers, may_have_trailers) {
  const auto got =
      of("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
         "4;name=\"value\"\r\nbody\r\n0\r\nx-checksum: 1\r\n\r\n");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(*got, "body");
}

TEST_F(http_answers, are_not_waited_for_by_expect) {
  std::string asked;
  scripted_server server{[&](peer& p, int) {
    asked = p.read_request();
    p.answer("");
  }};
  {
    client http{loop_.get_executor(), options(at(server))};
    client_request request;
    const std::string sent(10'000, 'x');
    request.method = "PUT";
    request.target = "/";
    request.body = sent;
    auto answer = await_on(loop_, http.send(std::move(request)));
    ASSERT_TRUE(answer) << answer.error().message;
  }
  EXPECT_THAT(asked, HasSubstr("Content-Length: 10000\r\n"));
  EXPECT_THAT(asked, Not(HasSubstr("xpect")));
}

}  // namespace
}  // namespace ingestor::http
