#include "http/request_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::http {
namespace {

constexpr header_limits limits{8192, 64};

/// What comes of the bytes, when they arrive so many at once.
std::vector<incoming_request> requests_in(std::string_view bytes, std::size_t at_once = 4096) {
  request_reader reader{limits};
  std::vector<incoming_request> out;
  while (!bytes.empty()) {
    const auto room = reader.room();
    const auto count = std::min({bytes.size(), room.size(), at_once});
    std::memcpy(room.data(), bytes.data(), count);
    reader.received(count);
    bytes.remove_prefix(count);
    while (auto got = reader.next()) {
      out.push_back(std::move(*got));
      if (!out.back().keep_alive) return out;
    }
  }
  return out;
}

/// The status of the refusal; 200 where there is none, 0 where more bytes are needed.
unsigned status_of(std::string_view bytes, std::size_t at_once = 4096) {
  const auto got = requests_in(bytes, at_once);
  if (got.empty()) return 0;
  return got.front().refused ? got.front().refused->status : 200;
}

TEST(request_reader, reads_requests_in_pieces_of_any_size) {
  const std::string text =
      "GET /metrics?a HTTP/1.1\r\nHost: h\r\n\r\nHEAD http://h/ HTTP/1.1\r\nHost: h\r\n"
      "Connection: close\r\n\r\n";
  for (std::size_t at_once = 1; at_once <= text.size(); ++at_once) {
    const auto got = requests_in(text, at_once);
    ASSERT_EQ(got.size(), 2U) << at_once;
    EXPECT_FALSE(got[0].refused || got[1].refused);
    EXPECT_EQ(got[0].asked.path, "/metrics");
    EXPECT_EQ(got[0].asked.target, "/metrics?a");
    EXPECT_TRUE(got[0].keep_alive);
    EXPECT_EQ(got[1].asked.method, "HEAD");
    EXPECT_EQ(got[1].asked.path, "/");
    EXPECT_FALSE(got[1].keep_alive);
  }
}

TEST(request_reader, keeps_a_connection_as_its_version_says) {
  EXPECT_FALSE(requests_in("GET / HTTP/1.0\r\n\r\n").at(0).keep_alive);
  EXPECT_TRUE(requests_in("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").at(0).keep_alive);
  EXPECT_TRUE(requests_in("GET / HTTP/1.1\r\nHost: h\r\n\r\n").at(0).keep_alive);
}

TEST(request_reader, answers_without_waiting_for_a_body) {
  for (const std::string fields : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
                                   "Expect: 100-continue\r\nContent-Length: 5\r\n",
                                   "Content-Length: 18446744073709551615\r\n"}) {
    const auto got = requests_in("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
    ASSERT_EQ(got.size(), 1U) << fields;
    EXPECT_FALSE(got[0].refused) << fields;
    EXPECT_FALSE(got[0].keep_alive) << fields;
  }
  EXPECT_TRUE(
      requests_in("GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").at(0).keep_alive);
}

TEST(request_reader, names_the_methods_that_it_allows) {
  for (const std::string line : {"POST /", "OPTIONS *", "OPTIONS /", "CONNECT h:80", "TRACE /",
                                 "BREW /", "get /", "PROPFIND /"}) {
    const auto got = requests_in(line + " HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_EQ(got.size(), 1U) << line;
    ASSERT_TRUE(got[0].refused) << line;
    EXPECT_EQ(got[0].refused->status, 405U) << line;
    EXPECT_EQ(got[0].refused->headers.at(0).first, "Allow");
    EXPECT_EQ(got[0].refused->headers.at(0).second, "GET, HEAD");
  }
}

TEST(request_reader, refuses_what_is_malformed) {
  for (const std::string text :
       {"\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.2\r\nHost: h\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
        "G\x01T / HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET / HTTP/1.1\r\n: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET metrics HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    EXPECT_EQ(status_of(text), 400U) << text;
    EXPECT_EQ(status_of(text, 1), 400U) << text;
  }
}

TEST(request_reader, refuses_what_is_too_large) {
  EXPECT_EQ(status_of("GET /" + std::string(9000, 'a')), 431U);
  EXPECT_EQ(status_of("GET /" + std::string(9000, 'a'), 1), 431U);
  EXPECT_EQ(status_of(std::string(9000, 'a')), 431U);
  std::string fields;
  for (int i = 0; i < 70; ++i) fields += "A: b\r\n";
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"), 431U);
  EXPECT_EQ(status_of("GET /" + std::string(7000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 200U);
}

/// The limit is one head's, whatever has come behind it.
TEST(request_reader, takes_a_long_head_with_another_behind_it) {
  const auto text = "GET /" + std::string(7000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n" + "GET /" +
                    std::string(5000, 'b') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const std::size_t at_once : {1U, 1000U, 4096U}) {
    const auto got = requests_in(text, at_once);
    ASSERT_EQ(got.size(), 2U) << at_once;
    EXPECT_FALSE(got[0].refused || got[1].refused) << at_once;
  }
}

TEST(request_reader, knows_whether_a_request_has_begun) {
  request_reader reader{limits};
  EXPECT_FALSE(reader.begun());
  std::memcpy(reader.room().data(), "GET / HTTP/1.1\r\n", 16);
  reader.received(16);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.begun());
}

}  // namespace
}  // namespace ingestor::http
