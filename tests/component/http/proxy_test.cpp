#include "client_fixture.hpp"

#include <mutex>

namespace ingestor::http {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A proxy that passes everything on to one server of the test's.
class forwarding_proxy {
 public:
  explicit forwarding_proxy(std::uint16_t to, boost::asio::ssl::context* tls = nullptr)
      : server_{[this, to](peer& p, int) { serve(p, to); }, tls} {}

  const scripted_server& server() const { return server_; }
  std::string heads() {
    const std::lock_guard held{lock_};
    return heads_;
  }

 private:
  void serve(peer& p, std::uint16_t to) {
    const auto head = p.read_request();
    {
      const std::lock_guard held{lock_};
      heads_ += head;
    }
    if (head.starts_with("CONNECT ")) {
      p.send("HTTP/1.1 200 Connection established\r\n\r\n");
      p.forward_to(to);
    } else {
      p.answer("from the proxy", "Connection: close\r\n");
    }
  }

  std::mutex lock_;
  std::string heads_;
  scripted_server server_;
};

class http_proxy : public http_client {
 protected:
  /// A name that only the proxy can know.
  client_options through(const scripted_server& proxy_server, bool tls_proxy = false) {
    auto out = options({true, "bucket.example", 443});
    out.pool.tls = known_.trusting();
    out.pool.via = proxy{at(proxy_server, tls_proxy), {}};
    return out;
  }

  /// What comes of a proxy that answers so.
  error refused(const std::string& answer, const std::string& user_info = "") {
    scripted_server no{[&](peer& p, int) {
      p.read_request();
      p.send(answer);
    }};
    auto asking = through(no);
    asking.pool.via->user_info = secret{user_info};
    client http{loop_.get_executor(), asking};
    const auto got = fetch(http);
    EXPECT_FALSE(got);
    auto why = got ? error{} : got.error();
    EXPECT_THAT(why.message, HasSubstr("the proxy 127.0.0.1:" + std::to_string(no.port())));
    EXPECT_THAT(why.message, HasSubstr("(HTTPS_PROXY)"));
    EXPECT_THAT(why.message, Not(HasSubstr("hunter2")));
    EXPECT_EQ(http.stats().open, 0U);
    return why;
  }

  trusted_server known_{"DNS:bucket.example,IP:127.0.0.1"};
  scripted_server target_{[](peer& p, int) {
                            while (!p.read_request().empty()) p.answer("from the target");
                          },
                          &known_.context};
};

TEST_F(http_proxy, makes_a_tunnel_for_https) {
  forwarding_proxy way{target_.port()};
  client http{loop_.get_executor(), through(way.server())};
  EXPECT_EQ(told(http), "from the target");
  EXPECT_EQ(told(http), "from the target");
  EXPECT_EQ(way.heads(), "CONNECT bucket.example:443 HTTP/1.1\r\nHost: bucket.example:443\r\n\r\n")
      << "one tunnel, and nothing of the request in it";
}

TEST_F(http_proxy, may_speak_tls_itself) {
  forwarding_proxy way{target_.port(), &known_.context};
  client http{loop_.get_executor(), through(way.server(), true)};
  EXPECT_EQ(told(http), "from the target");
  EXPECT_EQ(told(http), "from the target");
  EXPECT_EQ(way.server().connections(), 1);
}

TEST_F(http_proxy, is_verified_where_it_speaks_tls) {
  trusted_server stranger{"IP:127.0.0.1"};
  forwarding_proxy way{target_.port(), &stranger.context};
  client http{loop_.get_executor(), through(way.server(), true)};
  const auto got = fetch(http);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, error_kind::authority);
  EXPECT_THAT(got.error().message, HasSubstr("the certificate of the proxy 127.0.0.1:"));
}

TEST_F(http_proxy, does_not_vouch_for_its_target) {
  trusted_server stranger{"DNS:bucket.example"};
  scripted_server elsewhere{[](peer&, int) {}, &stranger.context};
  forwarding_proxy way{elsewhere.port()};
  client http{loop_.get_executor(), through(way.server())};
  const auto got = fetch(http);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, error_kind::authority);
  EXPECT_THAT(got.error().message, HasSubstr("the certificate of bucket.example:443"));
}

TEST_F(http_proxy, resumes_the_targets_tls_sessions) {
  scripted_server closing{[](peer& p, int) {
                            p.read_request();
                            p.answer(p.resumed_session() ? "resumed" : "new",
                                     "Connection: close\r\n");
                          },
                          &known_.context};
  forwarding_proxy way{closing.port()};
  client http{loop_.get_executor(), through(way.server())};
  EXPECT_EQ(told(http), "new");
  EXPECT_EQ(told(http), "resumed");
}

TEST_F(http_proxy, is_told_who_asks) {
  forwarding_proxy way{target_.port()};
  auto asking = through(way.server());
  asking.pool.via->user_info = secret{"user:hunter2"};
  client http{loop_.get_executor(), asking};
  EXPECT_EQ(told(http), "from the target");
  EXPECT_THAT(way.heads(), HasSubstr("\r\nProxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n"));
}

TEST_F(http_proxy, gets_http_requests_whole) {
  forwarding_proxy way{target_.port()};
  auto asking = through(way.server());
  asking.pool.where = {false, "bucket.example", 80};
  asking.pool.via->user_info = secret{"user:hunter2"};
  client http{loop_.get_executor(), asking};
  EXPECT_EQ(told(http), "from the proxy");
  EXPECT_EQ(way.heads(),
            "GET http://bucket.example/what HTTP/1.1\r\nHost: the.host\r\n"
            "Proxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n\r\n");
  asking.pool.where = {false, "fd12::1", 9000};
  client by_address{loop_.get_executor(), asking};
  EXPECT_EQ(told(by_address), "from the proxy");
  EXPECT_THAT(way.heads(), HasSubstr("GET http://[fd12::1]:9000/what HTTP/1.1\r\n"));
}

TEST_F(http_proxy, refuses_in_clear_words) {
  const auto unknown = refused("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  EXPECT_EQ(unknown.kind, error_kind::proxy);
  EXPECT_THAT(unknown.message, HasSubstr("wants a user and a password"));
  const auto wrong = refused("HTTP/1.1 407 No\r\nContent-Length: 3\r\n\r\nno!", "user:hunter2");
  EXPECT_EQ(wrong.kind, error_kind::proxy);
  EXPECT_THAT(wrong.message, HasSubstr("refuses the user or the password"));
  const auto forbidden = refused("HTTP/1.1 403 Forbidden\r\n\r\n", "user:hunter2");
  EXPECT_EQ(forbidden.kind, error_kind::proxy);
  EXPECT_THAT(forbidden.message, HasSubstr("gave no way to bucket.example:443: HTTP 403"));
  EXPECT_EQ(refused("HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n").kind, error_kind::proxy);
}

TEST_F(http_proxy, may_be_in_passing_trouble) {
  EXPECT_EQ(refused("HTTP/1.1 502 Bad Gateway\r\n\r\n").kind, error_kind::connect);
  EXPECT_EQ(refused("HTTP/1.1 504 Gateway Timeout\r\n\r\n").kind, error_kind::connect);
  EXPECT_EQ(refused("").kind, error_kind::closed);
  EXPECT_EQ(refused("HTTP/1.1 200 OK\r\n").kind, error_kind::closed);
}

TEST_F(http_proxy, may_be_no_proxy_at_all) {
  EXPECT_EQ(refused("SSH-2.0-OpenSSH_9.2\r\n\r\n").kind, error_kind::protocol);
  EXPECT_EQ(refused("HTTP/1.1 200 OK\r\n" + std::string(100'000, 'x') + "\r\n\r\n").kind,
            error_kind::limit);
  EXPECT_EQ(refused("HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH_9.2\r\n").kind, error_kind::protocol);
}

TEST_F(http_proxy, is_named_where_it_is_not_there) {
  auto asking = through(target_);
  {
    const scripted_server gone{[](peer&, int) {}};
    asking.pool.via->where = at(gone);
  }
  client http{loop_.get_executor(), asking};
  const auto got = fetch(http);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, error_kind::connect);
  EXPECT_THAT(got.error().message, HasSubstr("connecting to the proxy 127.0.0.1:"));
}

TEST_F(http_proxy, may_want_a_password_for_http_too) {
  scripted_server no{[&](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
  }};
  auto asking = through(no);
  asking.pool.where = {false, "bucket.example", 80};
  client http{loop_.get_executor(), asking};
  const auto got = fetch(http);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, error_kind::proxy);
  EXPECT_THAT(got.error().message, HasSubstr("(HTTP_PROXY) wants a user and a password"));
}

}  // namespace
}  // namespace ingestor::http
