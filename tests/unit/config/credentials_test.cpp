#include "config/load.hpp"
#include "variables_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingestor::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// What a command with S3 needs, without keys.
variables_set keyless(std::initializer_list<std::pair<const std::string, std::string>> more = {}) {
  auto out = complete(more);
  out.erase("AWS_ACCESS_KEY_ID");
  out.erase("AWS_SECRET_ACCESS_KEY");
  return out;
}

aws::credentials_settings credentials_of(const variables_set& set) {
  const auto loaded = load(environment_of(set), a_host);
  EXPECT_TRUE(loaded);
  return loaded ? loaded->s3.credentials : aws::credentials_settings{};
}

std::vector<std::string> mistakes_of(const variables_set& set) {
  const auto loaded = load(environment_of(set), a_host);
  std::vector<std::string> out;
  if (loaded) return out;
  for (const auto& wrong : loaded.error()) out.push_back(text_of(wrong));
  return out;
}

TEST(credentials, need_not_be_in_the_environment) {
  const auto found = credentials_of(keyless());
  EXPECT_TRUE(found.keys.access_key_id.empty());
  EXPECT_EQ(found.credentials_file, "/home/user/.aws/credentials");
  EXPECT_EQ(found.config_file, "/home/user/.aws/config");
  EXPECT_EQ(found.profile, "");
  EXPECT_EQ(found.default_session_name, "ingestor-web-1-4711");
  EXPECT_FALSE(found.metadata_disabled);
  EXPECT_FALSE(found.metadata_endpoint);
  EXPECT_FALSE(found.sts_endpoint);
}

TEST(credentials, of_half_a_pair_are_refused) {
  auto set = complete();
  set.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_THAT(mistakes_of(set), ElementsAre(AllOf(StartsWith("AWS_SECRET_ACCESS_KEY: is required"),
                                                  HasSubstr("AWS_ACCESS_KEY_ID is set"))));
  set = complete();
  set.erase("AWS_ACCESS_KEY_ID");
  EXPECT_THAT(mistakes_of(set), ElementsAre(AllOf(StartsWith("AWS_ACCESS_KEY_ID: is required"),
                                                  HasSubstr("AWS_SECRET_ACCESS_KEY is set"))));
}

TEST(credentials, files_are_below_home) {
  const auto found = credentials_of(keyless({{"HOME", "/srv/me"},
                                             {"AWS_CONFIG_FILE", "~/elsewhere"},
                                             {"AWS_SHARED_CREDENTIALS_FILE", "/etc/keys"}}));
  EXPECT_EQ(found.config_file, "/srv/me/elsewhere");
  EXPECT_EQ(found.credentials_file, "/etc/keys");
}

TEST(credentials, the_default_profile_variable_comes_first) {
  EXPECT_EQ(credentials_of(keyless({{"AWS_PROFILE", "a"}})).profile, "a");
  EXPECT_EQ(credentials_of(keyless({{"AWS_PROFILE", "a"}, {"AWS_DEFAULT_PROFILE", "b"}})).profile,
            "b");
}

TEST(credentials, every_place_has_its_variables) {
  const auto found =
      credentials_of(keyless({{"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                              {"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token"},
                              {"AWS_ROLE_SESSION_NAME", "s"},
                              {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/a?b"},
                              {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c"},
                              {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc"},
                              {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/agent"},
                              {"AWS_EC2_METADATA_DISABLED", "TRUE"},
                              {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338"},
                              {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6"}}));
  EXPECT_EQ(found.role_arn, "arn:aws:iam::1:role/r");
  EXPECT_EQ(found.web_identity_token_file, "/var/token");
  EXPECT_EQ(found.role_session_name, "s");
  EXPECT_EQ(found.container_full_uri, "http://127.0.0.1/a?b");
  EXPECT_EQ(found.container_relative_uri, "/c");
  EXPECT_EQ(found.container_token, secret{"Basic abc"});
  EXPECT_EQ(found.container_token_file, "/var/agent");
  EXPECT_TRUE(found.metadata_disabled);
  EXPECT_TRUE(found.metadata_ipv6);
  EXPECT_EQ(found.metadata_endpoint, (aws::endpoint{false, "127.0.0.1", 1338}));
}

TEST(credentials, metadata_is_only_disabled_by_true) {
  EXPECT_FALSE(credentials_of(keyless({{"AWS_EC2_METADATA_DISABLED", "1"}})).metadata_disabled);
  EXPECT_THAT(mistakes_of(keyless({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "v6"}})),
              ElementsAre(StartsWith("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: ")));
}

TEST(credentials, sts_is_where_its_own_variable_says_or_that_of_all_services) {
  const auto host_of = [](const variables_set& set) {
    const auto found = credentials_of(set);
    return found.sts_endpoint ? found.sts_endpoint->host : std::string{"none"};
  };
  auto set = keyless({{"AWS_ENDPOINT", "http://s3"}, {"AWS_ENDPOINT_URL_S3", "http://s3"}});
  EXPECT_EQ(host_of(set), "none");
  set["AWS_ENDPOINT_URL"] = "http://all";
  EXPECT_EQ(host_of(set), "all");
  set["AWS_ENDPOINT_URL_STS"] = "http://sts";
  EXPECT_EQ(host_of(set), "sts");
  set["AWS_ENDPOINT_URL"] = "nonsense";
  EXPECT_EQ(host_of(set), "sts");
}

TEST(credentials, an_endpoint_that_makes_no_sense_is_told_once) {
  EXPECT_THAT(mistakes_of(keyless({{"AWS_ENDPOINT_URL", "nonsense"}})),
              ElementsAre(StartsWith("AWS_ENDPOINT_URL: ")));
  EXPECT_THAT(mistakes_of(keyless({{"AWS_ENDPOINT", "http://s3"}, {"AWS_ENDPOINT_URL", "x"}})),
              ElementsAre(StartsWith("AWS_ENDPOINT_URL: ")));
  EXPECT_THAT(mistakes_of(keyless({{"AWS_ENDPOINT_URL_STS", "nonsense"}})),
              ElementsAre(StartsWith("AWS_ENDPOINT_URL_STS: ")));
}

TEST(credentials, the_session_name_is_one_that_sts_takes) {
  const auto named = [](const std::string& replica) {
    return credentials_of(keyless({{"INGESTOR_REPLICA", replica}})).default_session_name;
  };
  EXPECT_EQ(named("blue/green 1"), "ingestor-blue-green-1");
  EXPECT_EQ(named(std::string(128, 'x')).size(), 64U);
}

}  // namespace
}  // namespace ingestor::config
