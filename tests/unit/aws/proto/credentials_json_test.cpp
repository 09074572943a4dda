#include "aws/proto/credentials_json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::aws {
namespace {

using enum json_dialect;

std::string error_of(std::string_view text, json_dialect dialect) {
  const auto parsed = parse_credentials_json(text, dialect);
  return parsed ? "(none)" : parsed.error();
}

TEST(credentials_json, reads_what_an_agent_says) {
  const auto parsed = parse_credentials_json(
      R"({"Code":"Success","LastUpdated":"x","AccessKeyId":"A","SecretAccessKey":"S","Token":"T",
          "Expiration":"2024-05-29T00:21:43Z","More":{"a":[1]}})",
      agent);
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(parsed->keys.access_key_id, "A");
  EXPECT_EQ(parsed->keys.secret_access_key, secret{"S"});
  EXPECT_EQ(parsed->keys.session_token, secret{"T"});
  EXPECT_TRUE(parsed->expires);
}

TEST(credentials_json, reads_what_a_process_says) {
  const auto parsed =
      parse_credentials_json(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S"})", process);
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_TRUE(parsed->keys.session_token.empty());
  EXPECT_FALSE(parsed->expires);
}

TEST(credentials_json, says_what_is_missing) {
  EXPECT_EQ(error_of(R"({"SecretAccessKey":"S"})", agent), "it has no AccessKeyId");
  EXPECT_EQ(error_of(R"({"AccessKeyId":"A"})", agent), "it has no SecretAccessKey");
  EXPECT_EQ(error_of(R"({"AccessKeyId":"A","SecretAccessKey":"S"})", agent), "it has no Token");
  const std::string no_time = "its Expiration is not a time such as 2024-05-29T00:21:43Z";
  EXPECT_EQ(error_of(R"({"AccessKeyId":"A","SecretAccessKey":"S","Token":"T"})", agent), no_time);
  EXPECT_EQ(error_of(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"x"})",
                     process),
            no_time);
  for (const std::string version : {"", R"("Version":2,)", R"("Version":"1",)"}) {
    EXPECT_EQ(error_of('{' + version + R"("AccessKeyId":"A","SecretAccessKey":"S"})", process),
              "its Version is not 1");
  }
}

TEST(credentials_json, repeats_the_words_of_a_failure) {
  EXPECT_EQ(
      error_of(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot\nassume"})", agent),
      "it says AssumeRoleUnauthorizedAccess: EC2 cannot?assume");
}

TEST(credentials_json, refuses_what_could_write_headers) {
  EXPECT_EQ(error_of("{\"Version\":1,\"AccessKeyId\":\"A\\r\\nx: y\",\"SecretAccessKey\":\"S\"}",
                     process),
            "its keys have characters that no key has");
}

TEST(credentials_json, refuses_nonsense_within_limits) {
  const std::string deep = std::string(60'000, '[');
  const std::string nested = R"({"a":)" + std::string(20, '[') + std::string(20, ']') + '}';
  const std::string large = R"({"a":")" + std::string(credentials_bytes_max, 'x') + "\"}";
  for (const auto& text : {std::string{}, std::string{"null"}, std::string{"[]"}, std::string{"{"},
                           std::string{"<html>"}, std::string{"{} {}"}, deep, nested, large}) {
    EXPECT_EQ(error_of(text, agent), "it is not a JSON object") << text.substr(0, 40);
  }
}

}  // namespace
}  // namespace ingestor::aws
