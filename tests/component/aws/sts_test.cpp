#include "aws/caller_identity.hpp"
#include "places_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace ingestor::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::string refusal(std::string_view status, std::string_view code, std::string_view more = "") {
  return answer_of(status,
                   "<ErrorResponse><Error><Code>" + std::string{code} +
                       "</Code><Message>Words.</Message></Error></ErrorResponse>",
                   more);
}

/// Answers one after another, over as many connections as it takes; the last one again and again.
/// On a thread of its own: what it says may be changed between two fetches.
class scripted_sts {
 public:
  void say(std::vector<std::string> answers) {
    const std::lock_guard lock{mutex_};
    answers_ = std::move(answers);
    heads_.clear();
    bodies_.clear();
  }

  std::vector<std::string> heads() {
    const std::lock_guard lock{mutex_};
    return heads_;
  }

  std::vector<std::string> bodies() {
    const std::lock_guard lock{mutex_};
    return bodies_;
  }

  void operator()(peer& p) {
    for (auto head = p.read_request(); !head.empty(); head = p.read_request()) {
      p.send(answer_to(head, p.read_body(head)));
    }
  }

 private:
  std::string answer_to(const std::string& head, const std::string& body) {
    const std::lock_guard lock{mutex_};
    heads_.push_back(head);
    bodies_.push_back(body);
    return answers_[std::min(heads_.size(), answers_.size()) - 1];
  }

  std::mutex mutex_;
  std::vector<std::string> answers_{answer_of("200 OK", assumed_xml())};
  std::vector<std::string> heads_;
  std::vector<std::string> bodies_;
};

class sts : public places {
 protected:
  sts() : server_{[this](peer& p, int) { sts_(p); }} {
    settings_.sts_endpoint = endpoint_of(server_);
  }

  void use_role() {
    write("credentials", "[base]\naws_access_key_id = AKIA1\naws_secret_access_key = hunter2\n");
    write("config", "[default]\nrole_arn = R\nsource_profile = base\n");
  }

  void use_web_identity(std::string_view token) {
    settings_.role_arn = "R";
    settings_.web_identity_token_file = write("token", token);
  }

  scripted_sts sts_;
  scripted_server server_;
};

TEST_F(sts, is_asked_for_a_role_with_a_signature) {
  use_role();
  const auto got = fetch();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->given.keys.access_key_id, "ASIA1");
  EXPECT_TRUE(got->given.expires);
  EXPECT_EQ(got->origin, "R by profile \"base\" in " + path("credentials"));
  ASSERT_THAT(sts_.heads(), SizeIs(1));
  EXPECT_TRUE(sts_.heads()[0].starts_with("POST / HTTP/1.1\r\n"));
  EXPECT_THAT(sts_.heads()[0], HasSubstr("authorization: AWS4-HMAC-SHA256 Credential=AKIA1/"));
  EXPECT_THAT(sts_.heads()[0], HasSubstr("/eu-west-1/sts/aws4_request"));
  EXPECT_THAT(sts_.bodies(), ElementsAre("Action=AssumeRole&Version=2011-06-15&RoleArn=R"
                                         "&RoleSessionName=ingestor"));
}

TEST_F(sts, is_asked_by_a_token_that_is_read_each_time) {
  use_web_identity("first\n");
  EXPECT_EQ(fetched(), "ASIA1");
  write("token", "second");
  EXPECT_EQ(fetched(), "ASIA1");
  ASSERT_THAT(sts_.bodies(), SizeIs(2));
  EXPECT_TRUE(sts_.bodies()[0].ends_with("&WebIdentityToken=first"));
  EXPECT_TRUE(sts_.bodies()[1].ends_with("&WebIdentityToken=second"));
  for (const auto& head : sts_.heads()) EXPECT_THAT(head, Not(HasSubstr("authorization")));
}

TEST_F(sts, is_not_asked_without_a_token) {
  use_web_identity(" \n");
  EXPECT_THAT(fetched(), HasSubstr("token is empty"));
  settings_.web_identity_token_file = path("nowhere");
  EXPECT_THAT(fetched(), HasSubstr("nowhere is not there"));
  settings_.web_identity_token_file = path("");
  EXPECT_THAT(fetched(), HasSubstr("is not a regular file"));
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(sts, refuses_once_for_all_and_the_error_says_what_to_do) {
  use_role();
  sts_.say({refusal("403 Forbidden", "AccessDenied")});
  EXPECT_THAT(fetched(),
              AllOf(HasSubstr("AssumeRole of R at http://127.0.0.1:"),
                    HasSubstr("refused with HTTP 403 AccessDenied: Words.; let the trust"),
                    Not(HasSubstr("hunter2"))));
  EXPECT_THAT(sts_.heads(), SizeIs(1));
  EXPECT_EQ(kind_of_failure(), error_kind::refused);
}

TEST_F(sts, is_asked_again_when_that_may_help) {
  use_web_identity("t");
  sts_.say({refusal("400 Bad Request", "IDPCommunicationError"), answer_of("503 Busy", "<x"),
            answer_of("200 OK", assumed_xml())});
  EXPECT_EQ(fetched(), "ASIA1");
  EXPECT_THAT(sts_.heads(), SizeIs(3));
}

TEST_F(sts, is_asked_so_often_and_no_more) {
  use_role();
  sts_.say({refusal("400 Bad Request", "Throttling")});
  EXPECT_EQ(kind_of_failure(), error_kind::unreachable);
  EXPECT_THAT(sts_.heads(), SizeIs(3));
}

TEST_F(sts, is_asked_by_its_own_clock_when_ours_is_wrong) {
  use_role();
  sts_.say({refusal("403 Forbidden", "RequestExpired", "Date: Mon, 12 Oct 2009 17:50:30 GMT\r\n"),
            answer_of("200 OK", assumed_xml())});
  EXPECT_EQ(fetched(), "ASIA1");
  ASSERT_THAT(sts_.heads(), SizeIs(2));
  EXPECT_THAT(sts_.heads()[1], HasSubstr("\r\nx-amz-date: 20091012T1750"));
}

TEST_F(sts, is_not_asked_for_ever_about_the_time) {
  use_role();
  sts_.say({refusal("403 Forbidden", "RequestExpired", "Date: Mon, 12 Oct 2009 17:50:30 GMT\r\n")});
  EXPECT_THAT(fetched(), HasSubstr("RequestExpired"));
  EXPECT_THAT(sts_.heads(), SizeIs(2));
}

TEST_F(sts, may_answer_nonsense) {
  use_role();
  for (const std::string body :
       {"", "{}", "<html></html>", "<!DOCTYPE x [<!ENTITY e 'x'>]><a>&e;</a>"}) {
    sts_.say({answer_of("200 OK", body)});
    EXPECT_THAT(fetched(), HasSubstr("the answer makes no sense")) << body;
  }
}

TEST_F(sts, assumes_one_role_by_another) {
  write("credentials", "[base]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n");
  write("config",
        "[default]\nrole_arn = A\nsource_profile = b\n[profile b]\nrole_arn = B\nsource_profile = "
        "base\n");
  sts_.say({answer_of("200 OK", assumed_xml("ASIA1")), answer_of("200 OK", assumed_xml("ASIA2"))});
  EXPECT_EQ(fetched(), "ASIA2");
  ASSERT_THAT(sts_.heads(), SizeIs(2));
  EXPECT_THAT(sts_.bodies()[0], HasSubstr("RoleArn=B&"));
  EXPECT_THAT(sts_.heads()[1], HasSubstr("Credential=ASIA1/"));
  EXPECT_THAT(sts_.heads()[1], HasSubstr("\r\nx-amz-security-token: T\r\n"));
}

TEST_F(sts, says_who_somebody_is) {
  sts_.say({answer_of("200 OK",
                      "<R><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/u</Arn>"
                      "<Account>1</Account></GetCallerIdentityResult></R>")});
  credentials keys{"AKIA1", secret{"s"}, {}};
  const auto who = await_on(loop_, get_caller_identity(settings_, keys, within_));
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(who->arn, "arn:aws:iam::1:user/u");
  EXPECT_EQ(who->account, "1");
  EXPECT_THAT(sts_.bodies(), ElementsAre("Action=GetCallerIdentity&Version=2011-06-15"));
}

}  // namespace
}  // namespace ingestor::aws
