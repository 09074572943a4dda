#include "aws/proto/sts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::aws {
namespace {

using namespace std::chrono_literals;

std::string host_in(const std::string& region, bool fips = false, bool dual_stack = false) {
  credentials_settings settings;
  settings.region = region;
  settings.fips = fips;
  settings.dual_stack = dual_stack;
  const auto where = sts_endpoint(settings);
  EXPECT_TRUE(where.tls);
  return where.host;
}

TEST(sts, is_in_the_region) {
  EXPECT_EQ(host_in("eu-west-1"), "sts.eu-west-1.amazonaws.com");
  EXPECT_EQ(host_in("US-EAST-1"), "sts.us-east-1.amazonaws.com");
  EXPECT_EQ(host_in("cn-north-1"), "sts.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(host_in("us-gov-west-1"), "sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(host_in("us-iso-east-1"), "sts.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(host_in("us-east-1", true), "sts-fips.us-east-1.amazonaws.com");
  EXPECT_EQ(host_in("us-gov-west-1", true), "sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(host_in("eu-west-1", false, true), "sts.eu-west-1.api.aws");
  EXPECT_EQ(host_in("us-iso-east-1", false, true), "sts.us-iso-east-1.c2s.ic.gov");
}

TEST(sts, is_where_the_settings_say) {
  credentials_settings settings;
  settings.sts_endpoint = endpoint{false, "127.0.0.1", 4566};
  EXPECT_EQ(url_of(sts_endpoint(settings)), "http://127.0.0.1:4566");
}

TEST(sts, is_asked_by_forms) {
  EXPECT_EQ(assume_role_body({"arn:aws:iam::1:role/r", "me", "", {}}),
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
            "&RoleSessionName=me");
  EXPECT_EQ(assume_role_body({"r", "me", "a&b=c", 900}),
            "Action=AssumeRole&Version=2011-06-15&RoleArn=r&RoleSessionName=me"
            "&ExternalId=a%26b%3Dc&DurationSeconds=900");
  EXPECT_EQ(web_identity_body({"r", "file", "me"}, secret{"a.b+c"}),
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=me"
            "&WebIdentityToken=a.b%2Bc");
  EXPECT_EQ(caller_identity_body(), "Action=GetCallerIdentity&Version=2011-06-15");
}

TEST(sts, sees_a_signature_over_the_body_and_the_token) {
  const endpoint where{true, "sts.eu-west-1.amazonaws.com", 443};
  const credentials creds{"AKIA", secret{"S"}, secret{"T"}};
  const auto headers =
      sts_headers(where, "x=y", creds, "EU-west-1", std::chrono::sys_seconds{1440938160s});
  ASSERT_EQ(headers.size(), 5U);
  EXPECT_EQ(headers[0], (name_value{"host", "sts.eu-west-1.amazonaws.com"}));
  EXPECT_EQ(headers[2], (name_value{"x-amz-date", "20150830T123600Z"}));
  EXPECT_EQ(headers[3], (name_value{"x-amz-security-token", "T"}));
  EXPECT_TRUE(headers[4].second.starts_with(
      "AWS4-HMAC-SHA256 Credential=AKIA/20150830/eu-west-1/sts/aws4_request, "
      "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature="));
}

TEST(sts, gives_keys_with_their_end) {
  const auto given = parse_assumed_role(
      "<?xml version=\"1.0\"?><AssumeRoleResponse xmlns=\"x\"><AssumeRoleResult><Credentials>"
      "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T"
      "</SessionToken><Expiration>2024-05-29T00:21:43Z</Expiration></Credentials>"
      "</AssumeRoleResult></AssumeRoleResponse>");
  ASSERT_TRUE(given) << given.error();
  EXPECT_EQ(given->keys.access_key_id, "A");
  EXPECT_EQ(given->keys.secret_access_key, secret{"S"});
  EXPECT_EQ(given->keys.session_token, secret{"T"});
  EXPECT_TRUE(given->expires);
}

TEST(sts, is_not_believed_without_all_of_them) {
  const char* const blank_in_token =
      "<R><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S"
      "</SecretAccessKey><SessionToken>a b</SessionToken><Expiration>2024-05-29T00:21:43Z"
      "</Expiration></Credentials></AssumeRoleResult></R>";
  for (const std::string xml :
       {"", "<html/>", "{}", "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>",
        "<!DOCTYPE x><a/>", blank_in_token}) {
    EXPECT_FALSE(parse_assumed_role(xml)) << xml;
  }
}

TEST(sts, says_who_somebody_is) {
  const auto who = parse_caller_identity(
      "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/u</Arn>"
      "<UserId>x</UserId><Account>1</Account></GetCallerIdentityResult>"
      "</GetCallerIdentityResponse>");
  ASSERT_TRUE(who);
  EXPECT_EQ(who->arn, "arn:aws:iam::1:user/u");
  EXPECT_EQ(who->account, "1");
  EXPECT_FALSE(parse_caller_identity("<GetCallerIdentityResponse/>"));
}

TEST(sts, refuses_for_good_or_for_now) {
  const auto refusal = [](unsigned status, const std::string& code, const std::string& words) {
    return parse_sts_refusal(status, "<ErrorResponse><Error><Type>Sender</Type><Code>" + code +
                                         "</Code><Message>" + words +
                                         "</Message></Error></ErrorResponse>");
  };
  const auto denied = refusal(403, "AccessDenied", "not\nyou");
  EXPECT_EQ(denied.code, "AccessDenied");
  EXPECT_EQ(denied.message, "not you");
  EXPECT_FALSE(denied.transient);
  EXPECT_FALSE(denied.wrong_time);
  EXPECT_TRUE(refusal(400, "Throttling", "").transient);
  EXPECT_TRUE(refusal(400, "IDPCommunicationError", "").transient);
  EXPECT_TRUE(parse_sts_refusal(503, "busy").transient);
  EXPECT_TRUE(refusal(403, "SignatureDoesNotMatch", "Signature expired: 2015 is now").wrong_time);
  EXPECT_TRUE(refusal(400, "RequestExpired", "").wrong_time);
}

}  // namespace
}  // namespace ingestor::aws
