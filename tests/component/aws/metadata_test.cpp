#include "places_fixture.hpp"

#include <gmock/gmock.h>

#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace ingestor::aws {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string role_list = "/latest/meta-data/iam/security-credentials/";

std::string target_of(const std::string& head) {
  const auto begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

/// The metadata service of an instance, on a thread of its own; what it says to each target may be
/// changed between two fetches.
class instance {
 public:
  void say(const std::string& target, std::string answer) {
    const std::lock_guard lock{mutex_};
    answers_[target] = std::move(answer);
  }

  std::vector<std::string> seen() {
    const std::lock_guard lock{mutex_};
    return std::exchange(seen_, {});
  }

  void operator()(peer& p) {
    for (auto head = p.read_request(); !head.empty(); head = p.read_request()) {
      p.send(answer_to(head));
    }
  }

 private:
  std::string answer_to(const std::string& head) {
    const std::lock_guard lock{mutex_};
    seen_.push_back(head);
    return answers_[target_of(head)];
  }

  std::mutex mutex_;
  std::map<std::string, std::string> answers_{
      {"/latest/api/token", answer_of("200 OK", "the-token")},
      {role_list, answer_of("200 OK", "the-role")},
      {role_list + "the-role", answer_of("200 OK", agent_json())}};
  std::vector<std::string> seen_;
};

class metadata : public places {
 protected:
  metadata() : server_{[this](peer& p, int) { instance_(p); }} {
    settings_.metadata_disabled = false;
    settings_.metadata_endpoint = endpoint_of(server_);
  }

  instance instance_;
  scripted_server server_;
};

TEST_F(metadata, gives_credentials_by_a_token) {
  const auto got = fetch();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->given.keys.access_key_id, "ASIA1");
  EXPECT_EQ(got->origin, "instance metadata");
  const auto seen = instance_.seen();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_TRUE(seen[0].starts_with("PUT /latest/api/token HTTP/1.1\r\n"));
  EXPECT_THAT(seen[0], HasSubstr("\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
  EXPECT_THAT(seen[0], HasSubstr("\r\ncontent-length: 0\r\n"));
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_THAT(seen[i], HasSubstr("\r\nx-aws-ec2-metadata-token: the-token\r\n"));
  }
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(metadata, is_never_asked_without_a_token) {
  for (const std::string status : {"400 Bad", "403 Forbidden", "404 Not Found", "405 No"}) {
    instance_.say("/latest/api/token", answer_of(status, ""));
    EXPECT_THAT(fetched(), HasSubstr("HTTP " + status.substr(0, 3)));
    EXPECT_EQ(instance_.seen().size(), 1U) << status;
  }
  instance_.say("/latest/api/token", answer_of("200 OK", "a\r\nx-evil: 1"));
  EXPECT_THAT(fetched(), HasSubstr("its token makes no sense"));
}

TEST_F(metadata, explains_what_an_instance_may_lack) {
  instance_.say(role_list, answer_of("404 Not Found", ""));
  EXPECT_THAT(fetched(), HasSubstr("attach a role to the instance"));
  instance_.say(role_list, answer_of("200 OK", ""));
  EXPECT_THAT(fetched(), HasSubstr("it names no role"));
  instance_.say(role_list, answer_of("200 OK", "the-role\nanother"));
  EXPECT_EQ(fetched(), "ASIA1");
  instance_.say(
      role_list + "the-role",
      answer_of("200 OK", R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"no trust"})"));
  EXPECT_THAT(fetched(), HasSubstr("it says AssumeRoleUnauthorizedAccess: no trust"));
}

TEST_F(metadata, comes_last_and_the_error_lists_all_places) {
  instance_.say("/latest/api/token", answer_of("403 Forbidden", ""));
  const auto words = fetched();
  EXPECT_TRUE(words.starts_with("no credentials were found (environment: ")) << words;
  for (const auto* const place :
       {"web identity: ", "profile: ", "container: ", "instance metadata at http://127.0.0.1"}) {
    EXPECT_THAT(words, HasSubstr(place));
  }
}

TEST_F(metadata, is_left_alone_when_it_is_disabled) {
  settings_.metadata_disabled = true;
  EXPECT_THAT(fetched(), HasSubstr("instance metadata: AWS_EC2_METADATA_DISABLED is true)"));
  EXPECT_EQ(kind_of_failure(), error_kind::none_found);
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(metadata, knows_a_hop_limit_by_its_silence) {
  scripted_server silent{[](peer& p, int) { EXPECT_TRUE(p.sees_close()); }};
  settings_.metadata_endpoint = endpoint_of(silent);
  within_.metadata.first_byte = milliseconds{100};
  EXPECT_THAT(fetched(), HasSubstr("raise the instance's metadata hop limit to 2"));
  EXPECT_EQ(silent.connections(), 2) << "as many as there are attempts";
}

TEST_F(metadata, that_nobody_serves_says_nothing_of_hops) {
  {
    scripted_server gone{[](peer&, int) {}};
    settings_.metadata_endpoint = endpoint_of(gone);
  }
  EXPECT_THAT(fetched(), AllOf(HasSubstr("connecting to"), Not(HasSubstr("hop"))));
  EXPECT_EQ(kind_of_failure(), error_kind::unreachable);
}

TEST_F(metadata, is_asked_again_when_it_is_busy) {
  scripted_server busy{[this](peer& p, int connection) {
    if (connection == 1) {
      p.read_request();
      p.send(answer_of("503 Busy", "", "Connection: close\r\n"));
    } else {
      instance_(p);
    }
  }};
  settings_.metadata_endpoint = endpoint_of(busy);
  EXPECT_EQ(fetched(), "ASIA1");
}

TEST_F(metadata, that_cannot_renew_its_credentials_prolongs_them) {
  instance_.say(role_list + "the-role", answer_of("200 OK", agent_json("2020-01-01T00:00:00Z")));
  const auto got = fetch();
  ASSERT_TRUE(got);
  const auto now = std::chrono::system_clock::now();
  EXPECT_GT(*got->given.expires, now + std::chrono::minutes{8});
  EXPECT_LT(*got->given.expires, now + std::chrono::minutes{11});
}

}  // namespace
}  // namespace ingestor::aws
