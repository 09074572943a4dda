// What the AWS CLI finds in the same files is compared by tests/integration/test_credentials_agree;
// here is what it does not say: where keys come from, and the words of each refusal.
#include "aws/proto/credential_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string some_keys = "aws_access_key_id = AKIA1\naws_secret_access_key = hunter2\n";

struct places {
  credentials_settings settings;
  profile_file credentials{"C", std::nullopt, "is not there"};
  profile_file config{"F", std::nullopt, "is not there"};

  ingestor::result<credential_plan, std::string> plan() const {
    return plan_credentials(settings, credentials, config);
  }
  std::string origin() const {
    const auto found = plan();
    return found ? found->origin : found.error();
  }
  std::string refusal() const {
    const auto found = plan();
    return found ? "(none)" : found.error();
  }
};

TEST(credential_plan, says_where_the_credentials_come_from) {
  places from;
  EXPECT_EQ(from.origin(), "instance metadata");
  from.settings.container_full_uri = "http://127.0.0.1/";
  EXPECT_EQ(from.origin(), "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  from.config.text = "[default]\n" + some_keys;
  EXPECT_EQ(from.origin(), "profile \"default\" in F");
  from.config.text = "[default]\ncredential_process = p q\n";
  EXPECT_EQ(from.origin(), "credential_process of profile \"default\"");
  from.settings.web_identity_token_file = "/t";
  from.settings.role_arn = "R";
  EXPECT_EQ(from.origin(), "R by the web identity token in /t");
  from.credentials.text = "[b]\n" + some_keys;
  from.config.text = "[default]\nrole_arn = X\nsource_profile = b\n";
  EXPECT_EQ(from.origin(), "X by profile \"b\" in C");
  from.settings.keys = {"AKIA2", secret{"s"}, {}};
  EXPECT_EQ(from.origin(), "AWS_ACCESS_KEY_ID");
}

TEST(credential_plan, tells_what_each_place_said) {
  places from;
  from.settings.metadata_disabled = true;
  from.credentials.text = "[other]\n" + some_keys;
  from.config.text = "[default]\naws_secret_access_key = hunter2\n";
  const auto found = from.plan();
  ASSERT_TRUE(found);
  EXPECT_TRUE(std::holds_alternative<no_source>(found->first));
  EXPECT_THAT(found->passed_over,
              ElementsAre("environment: AWS_ACCESS_KEY_ID is not set",
                          "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
                          "profile: C has no credentials in profile \"default\", F has "
                          "aws_secret_access_key in profile \"default\", but no aws_access_key_id",
                          "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not "
                          "set",
                          "instance metadata: AWS_EC2_METADATA_DISABLED is true"));
}

TEST(credential_plan, assumes_roles_from_the_source_on) {
  places from;
  from.settings.default_session_name = "me";
  from.config.text =
      "[default]\nrole_arn = A\nsource_profile = b\nexternal_id = e\nduration_seconds = 900\n"
      "[profile b]\nrole_arn = B\nsource_profile = c\nrole_session_name = n\n"
      "[profile c]\n" +
      some_keys;
  const auto found = from.plan();
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->roles.size(), 2U);
  EXPECT_EQ(found->roles[0].role_arn, "B");
  EXPECT_EQ(found->roles[0].session_name, "n");
  EXPECT_EQ(found->roles[0].duration_seconds, std::nullopt);
  EXPECT_EQ(found->roles[1].role_arn, "A");
  EXPECT_EQ(found->roles[1].session_name, "me");
  EXPECT_EQ(found->roles[1].external_id, "e");
  EXPECT_EQ(found->roles[1].duration_seconds, 900);
}

TEST(credential_plan, assumes_so_many_roles_and_no_more) {
  std::string chain = "[default]\nrole_arn = R\nsource_profile = p1\n";
  for (int i = 1; i < 20; ++i) {
    chain += "[profile p" + std::to_string(i) + "]\nrole_arn = R\nsource_profile = p" +
             std::to_string(i + 1) + "\n";
  }
  places from;
  from.config.text = chain + "[profile p20]\n" + some_keys;
  EXPECT_EQ(from.refusal(), "more than 16 roles are to be assumed in turn");
}

TEST(credential_plan, refuses_with_file_profile_and_remedy) {
  struct refused {
    std::string config;
    std::string words;
  };
  const std::string role = "[default]\nrole_arn = R\n";
  std::string role_with_mfa = role;
  role_with_mfa.append("source_profile = b\nmfa_serial = m\n[profile b]\n").append(some_keys);
  for (const auto& [config, words] :
       {refused{"[default]\nhunter2\n",
                "F: line 2 is neither a [section] nor name = value; correct"},
        refused{role, "profile \"default\" has a role_arn and nothing to assume it with; add"},
        refused{role + "source_profile = b\ncredential_source = Environment\n", "keep one of them"},
        refused{role + "source_profile = b\n", "no such profile in C and F"},
        refused{role + "source_profile = default\n", "leads back to profile \"default\"; one of"},
        refused{role + "source_profile = b\n[profile b]\nregion = x\n",
                "profile \"b\", the source_profile of \"default\", has no credentials"},
        refused{role + "credential_source = Elsewhere\n", "use Environment, Ec2InstanceMetadata"},
        refused{role + "credential_source = Environment\n", "but AWS_ACCESS_KEY_ID is not set"},
        refused{role_with_mfa, "an MFA code"},
        refused{"[default]\nrole_arn =\nsource_profile = b\n",
                "a role_arn that is empty, or has blanks"},
        refused{"[default]\nweb_identity_token_file = /t\n", "set AWS_ROLE_ARN, or role_arn in"},
        refused{"[default]\nrole_arn = R\n  hunter2\nsource_profile = default\n" + some_keys,
                "has blanks in it"},
        refused{role + "source_profile = b\n  aws_secret_access_key = hunter2\n",
                "has source_profile = \"b\", and"},
        refused{role + "credential_source = b\n  hunter2\n", "has credential_source = \"b\"; use"},
        refused{"[default]\nrole_arn = R\nweb_identity_token_file = /t\n  hunter2\n",
                "of several lines; correct them"},
        refused{"[default]\nsso_account_id = 1\n", "aws configure export-credentials --profile"},
        refused{"[default]\ncredential_process = 'p\n", "leaves a quotation open"},
        refused{"[default]\naws_access_key_id = A\n",
                "profile \"default\" in F: aws_secret_access_key is missing"},
        refused{"[default]\naws_access_key_id =\naws_secret_access_key = hunter2\n",
                "aws_access_key_id is empty"},
        refused{"[default]\naws_access_key_id = A\n  hunter2\naws_secret_access_key = hunter2\n",
                "aws_access_key_id is empty, or has characters"}}) {
    places from;
    from.config.text = config;
    EXPECT_THAT(from.refusal(), HasSubstr(words)) << config;
    EXPECT_THAT(from.refusal(), Not(HasSubstr("hunter2"))) << config;
  }
}

TEST(credential_plan, wants_the_profile_that_is_named) {
  places from;
  from.settings.profile = "logs";
  from.config.text = "[logs]\n" + some_keys;
  EXPECT_EQ(
      from.refusal(),
      "there is no profile \"logs\" (AWS_PROFILE): C is not there, F has no profile \"logs\"; "
      "correct AWS_PROFILE, or write the profile");
}

TEST(credential_plan, knows_which_keys_stay_what_they_are) {
  places from;
  from.settings.keys = {"AKIA2", secret{"s"}, {}};
  EXPECT_TRUE(std::get<keys_source>(from.plan()->first).fixed);
  from.settings.keys = {};
  from.config.text = "[default]\n" + some_keys;
  EXPECT_FALSE(std::get<keys_source>(from.plan()->first).fixed);
}

}  // namespace
}  // namespace ingestor::aws
