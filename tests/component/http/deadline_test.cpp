#include "client_fixture.hpp"

#include <thread>

namespace ingestor::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// One byte of `text` at a time, over and over, until the other side has had enough.
void drip(peer& p, const std::string& text) {
  for (std::size_t i = 0; !p.closed() && i < 10'000; ++i) {
    p.send(text.substr(i % text.size(), 1));
    std::this_thread::sleep_for(milliseconds{5});
  }
}

class http_deadline : public http_client {
 protected:
  static client_options impatient(const scripted_server& server) {
    auto out = options(at(server));
    out.first_byte_timeout = milliseconds{300};
    out.body.floor_bytes_per_second = 2000;
    out.body.floor_window = milliseconds{300};
    return out;
  }

  /// What a client says that reads `start`, and then drops of `drops`.
  error dripped(const std::string& start, const std::string& drops) {
    scripted_server server{[&](peer& p, int) {
      p.read_request();
      p.send(start);
      drip(p, drops);
    }};
    client http{loop_.get_executor(), impatient(server)};
    const auto got = fetch(http);
    EXPECT_FALSE(got);
    return got ? error{} : got.error();
  }
};

TEST_F(http_deadline, breaks_a_head_that_drips) {
  EXPECT_EQ(dripped("HTTP/1.1 200 OK\r\n", "x: y\r\n").kind, error_kind::timeout);
  EXPECT_EQ(dripped("HTTP/1.1 ", "2").kind, error_kind::timeout);
}

TEST_F(http_deadline, breaks_a_body_that_drips) {
  const auto slow = dripped("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "x");
  EXPECT_EQ(slow.kind, error_kind::timeout);
  EXPECT_THAT(slow.message, HasSubstr("is too slow: "));
  EXPECT_THAT(slow.message, HasSubstr("bytes a second, less than 2000"));
  EXPECT_EQ(dripped("HTTP/1.1 200 OK\r\n\r\n", "x").kind, error_kind::timeout);
}

TEST_F(http_deadline, breaks_a_chunked_body_that_drips) {
  EXPECT_EQ(dripped(chunked_head, "1\r\nx\r\n").kind, error_kind::timeout);
  EXPECT_EQ(dripped(chunked_head + "1;", "extension").kind, error_kind::timeout);
  EXPECT_EQ(dripped(chunked_head + "1\r\nx\r\n0\r\n", "trailer: 1\r\n").kind, error_kind::timeout);
}

TEST_F(http_deadline, counts_what_chunks_hold_and_not_what_holds_them) {
  const std::string wrapped = "1;" + std::string(1000, 'e') + "\r\nx\r\n";
  scripted_server server{[&](peer& p, int) {
    p.read_request();
    p.send(chunked_head);
    for (int i = 0; i < 1000 && !p.closed(); ++i) {
      p.send(wrapped);
      std::this_thread::sleep_for(milliseconds{5});
    }
  }};
  client http{loop_.get_executor(), impatient(server)};
  const auto got = fetch(http);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, error_kind::timeout) << got.error().message;
}

TEST_F(http_deadline, breaks_a_body_that_becomes_slow) {
  const auto slow = dripped(
      "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(300'000, 'x'), "x");
  EXPECT_EQ(slow.kind, error_kind::timeout);
  EXPECT_THAT(slow.message, HasSubstr("too slow"));
}

TEST_F(http_deadline, does_not_count_the_time_in_which_nobody_reads) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 10; ++i) {
      p.send("0123456789");
      std::this_thread::sleep_for(milliseconds{20});
    }
  }};
  auto leisurely = impatient(server);
  leisurely.body.piece_bytes = 10;
  // 100 bytes in a second and a half are below the floor; in the time of the reads they are not.
  leisurely.body.floor_bytes_per_second = 150;
  leisurely.body.floor_window = milliseconds{250};
  client http{loop_.get_executor(), leisurely};
  auto answer = ask(http);
  ASSERT_TRUE(answer);
  std::string got;
  for (;;) {
    const auto piece = await_on(loop_, answer->read());
    ASSERT_TRUE(piece) << piece.error().message;
    if (piece->empty()) break;
    got += as_text(*piece);
    std::this_thread::sleep_for(milliseconds{150});
  }
  EXPECT_EQ(got.size(), 100U);
}

TEST_F(http_deadline, has_no_floor_where_none_is_wanted) {
  scripted_server server{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n");
    for (int i = 0; i < 50; ++i) {
      p.send("x");
      std::this_thread::sleep_for(milliseconds{5});
    }
  }};
  auto patient = impatient(server);
  patient.body.floor_bytes_per_second = 0;
  patient.body.floor_window = milliseconds{20};
  client http{loop_.get_executor(), patient};
  EXPECT_EQ(told(http), std::string(50, 'x'));
}

TEST_F(http_deadline, takes_a_proxy_that_drips_for_one_that_does_not_connect) {
  scripted_server slow{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\n");
    drip(p, "x: y\r\n");
  }};
  auto asking = options({true, "bucket.example", 443});
  asking.pool.via = proxy{at(slow), {}};
  asking.pool.tls = *client_tls("");
  asking.pool.connect_timeout = milliseconds{300};
  client http{loop_.get_executor(), asking};
  const auto got = fetch(http);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, error_kind::timeout);
  EXPECT_THAT(got.error().message, HasSubstr("HTTPS_PROXY"));
}

}  // namespace
}  // namespace ingestor::http
