#include "aws/cached_credentials.hpp"
#include "aws/proto/expiration.hpp"
#include "places_fixture.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <vector>

namespace ingestor::aws {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

class container : public places {
 protected:
  void ask(const scripted_server& agent) {
    settings_.container_full_uri = agent.url() + "/v1/credentials?a=b";
  }
};

TEST_F(container, gives_credentials_with_their_end) {
  std::string seen;
  scripted_server agent{[&](peer& p, int) {
    seen = p.read_request();
    p.answer(agent_json("2099-01-01T00:00:00Z"));
  }};
  ask(agent);
  settings_.container_token = secret{"Basic abc"};
  const auto got = fetch();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->given.keys.access_key_id, "ASIA1");
  EXPECT_EQ(got->given.keys.session_token, secret{"T"});
  EXPECT_TRUE(got->given.expires);
  EXPECT_EQ(got->origin, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  EXPECT_FALSE(got->fixed);
  EXPECT_TRUE(seen.starts_with("GET /v1/credentials?a=b HTTP/1.1\r\n")) << seen;
  EXPECT_THAT(seen, HasSubstr("\r\nauthorization: Basic abc\r\n"));
}

TEST_F(container, is_asked_once_for_each_of_five_refreshes_of_a_thousand_requests) {
  // What answer number n gives is valid until n o'clock.
  std::atomic<int> asked = 0;
  scripted_server agent{[&](peer& p, int) {
    p.read_request();
    p.answer(agent_json("2099-01-01T0" + std::to_string(++asked) + ":00:00Z"));
  }};
  ask(agent);
  timestamp now = *parse_expiration("2099-01-01T00:00:00Z");
  cache_options options;
  options.now = [&now] { return now; };
  const auto source = cached_credentials(provider_chain(settings_, within_), options);
  for (int i = 0; i < 1000; ++i) {
    const auto got = await_on(loop_, source->get());
    ASSERT_TRUE(got) << got.error().message;
    // The last of them asks at half past five, with what the sixth answer gave.
    now += std::chrono::seconds{20};
  }
  EXPECT_EQ(asked, 6);
}

TEST_F(container, reads_the_tokens_file_each_time) {
  std::vector<std::string> seen;
  scripted_server agent{[&](peer& p, int) {
    seen.push_back(p.read_request());
    p.answer(agent_json());
  }};
  ask(agent);
  settings_.container_token = secret{"not this one"};
  settings_.container_token_file = write("token", "first");
  EXPECT_EQ(fetched(), "ASIA1");
  write("token", "second");
  EXPECT_EQ(fetched(), "ASIA1");
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_THAT(seen[0], HasSubstr("\r\nauthorization: first\r\n"));
  EXPECT_THAT(seen[1], HasSubstr("\r\nauthorization: second\r\n"));
}

TEST_F(container, never_lets_a_token_write_headers) {
  scripted_server agent{[](peer&, int) {}};
  ask(agent);
  settings_.container_token_file = write("token", "hunter2\r\nx-evil: 1");
  EXPECT_THAT(fetched(), AllOf(HasSubstr("has a line's end in it"), Not(HasSubstr("hunter2"))));
  settings_.container_token_file = path("nowhere");
  EXPECT_THAT(fetched(), HasSubstr("nowhere is not there"));
  EXPECT_EQ(agent.connections(), 0);
}

TEST_F(container, is_asked_again_when_that_may_help) {
  std::atomic<int> asked = 0;
  scripted_server agent{[&](peer& p, int) {
    while (!p.read_request().empty()) {
      p.send(++asked < 3 ? answer_of("503 Busy", "") : answer_of("200 OK", agent_json()));
    }
  }};
  ask(agent);
  EXPECT_EQ(fetched(), "ASIA1");
  EXPECT_EQ(asked, 3);
}

TEST_F(container, is_asked_so_often_and_no_more) {
  std::atomic<int> asked = 0;
  scripted_server agent{[&](peer& p, int) {
    while (!p.read_request().empty()) {
      ++asked;
      p.send(answer_of("500 Broken", "hunter2"));
    }
  }};
  ask(agent);
  EXPECT_EQ(kind_of_failure(), error_kind::unreachable);
  EXPECT_EQ(asked, 3);
}

TEST_F(container, refuses_once_for_all) {
  std::atomic<int> asked = 0;
  scripted_server agent{[&](peer& p, int) {
    while (!p.read_request().empty()) {
      ++asked;
      p.send(answer_of("401 Unauthorized", "hunter2"));
    }
  }};
  ask(agent);
  EXPECT_THAT(fetched(), AllOf(HasSubstr("HTTP 401"), Not(HasSubstr("hunter2"))));
  EXPECT_EQ(asked, 1);
}

TEST_F(container, may_answer_nonsense) {
  for (const std::string body : {"", "<html>", "{}", "{\"AccessKeyId\":\"A\"}"}) {
    scripted_server agent{[&](peer& p, int) {
      p.read_request();
      p.answer(body);
    }};
    ask(agent);
    EXPECT_THAT(fetched(), HasSubstr("its answer makes no sense")) << body;
  }
}

TEST_F(container, may_answer_without_end) {
  std::atomic<std::size_t> sent = 0;
  scripted_server agent{[&](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "400\r\n" + std::string(0x400, ' ') + "\r\n";
    for (; sent < 100'000'000 && !p.closed(); sent += chunk.size()) p.send(chunk);
  }};
  ask(agent);
  EXPECT_THAT(fetched(), HasSubstr("longer than 64 KiB"));
  // What is in flight is a socket buffer or two.
  EXPECT_LT(sent, 20'000'000U);
}

TEST_F(container, may_answer_too_slowly) {
  scripted_server silent{[](peer& p, int) { EXPECT_TRUE(p.sees_close()); }};
  scripted_server dripping{[](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n");
    for (int i = 0; i < 1000 && !p.closed(); ++i) {
      p.send(" ");
      std::this_thread::sleep_for(milliseconds{20});
    }
    EXPECT_TRUE(p.closed());
  }};
  within_.container.first_byte = milliseconds{100};
  within_.container.body = milliseconds{200};
  within_.container.attempts_max = 1;
  ask(silent);
  EXPECT_THAT(fetched(), HasSubstr("took too long"));
  within_.container.first_byte = milliseconds{3000};
  ask(dripping);
  EXPECT_THAT(fetched(), HasSubstr("took too long"));
}

TEST_F(container, is_not_followed_elsewhere) {
  scripted_server elsewhere{[](peer&, int) {}};
  scripted_server agent{[&](peer& p, int) {
    p.read_request();
    p.send(answer_of("302 Found", "", "Location: " + elsewhere.url() + "/\r\n"));
  }};
  ask(agent);
  EXPECT_THAT(fetched(), HasSubstr("HTTP 302"));
  EXPECT_EQ(elsewhere.connections(), 0);
}

}  // namespace
}  // namespace ingestor::aws
