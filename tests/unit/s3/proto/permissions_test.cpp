#include "s3/proto/permissions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::s3::proto {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

error denied(std::string operation, std::string message = "Access Denied") {
  error out;
  out.kind = error_kind::access_denied;
  out.operation = std::move(operation);
  out.bucket = "logs";
  out.http_status = 403;
  out.code = "AccessDenied";
  out.message = std::move(message);
  return out;
}

missing_permission missing(const error& refusal, std::string_view prefix = "") {
  auto found = permission_missing(refusal, prefix, "eu-west-1");
  EXPECT_TRUE(found);
  return found ? std::move(*found) : missing_permission{};
}

TEST(permission_missing, is_about_refusals_for_want_of_a_permission_alone) {
  auto wrong_secret = denied("ListObjectsV2");
  wrong_secret.code = "SignatureDoesNotMatch";
  EXPECT_FALSE(permission_missing(wrong_secret, "", "eu-west-1"));
  auto gone = denied("GetObject");
  gone.code = "NoSuchKey";
  gone.http_status = 404;
  EXPECT_FALSE(permission_missing(gone, "", "eu-west-1"));
  auto wordless = denied("GetObject", "");
  wordless.code = "";
  EXPECT_TRUE(permission_missing(wordless, "", "eu-west-1"));
}

TEST(permission_missing, grants_the_listing_of_a_whole_bucket) {
  const auto found = missing(denied("ListObjectsV2"));
  EXPECT_EQ(found.action, "s3:ListBucket");
  EXPECT_EQ(found.remedy, "grant s3:ListBucket on arn:aws:s3:::logs");
  EXPECT_EQ(found.policy,
            R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:ListBucket",
      "Resource": "arn:aws:s3:::logs"
    }
  ]
})");
}

TEST(permission_missing, keeps_to_the_prefix) {
  const auto list = missing(denied("ListObjectsV2"), "app/");
  EXPECT_THAT(list.policy, HasSubstr(R"("Condition": {"StringLike": {"s3:prefix": "app/*"}})"));
  const auto get = missing(denied("GetObject"), "app/");
  EXPECT_EQ(get.action, "s3:GetObject");
  EXPECT_THAT(get.policy, HasSubstr(R"("Resource": "arn:aws:s3:::logs/app/*")"));
  EXPECT_THAT(get.policy, Not(HasSubstr("Condition")));
}

TEST(permission_missing, takes_no_character_of_a_prefix_for_more_than_itself) {
  const auto found = missing(denied("GetObject"), "a*b?c$d\"e\\f\x01ü");
  EXPECT_THAT(found.policy, HasSubstr(R"("arn:aws:s3:::logs/a${*}b${?}c${$}d\"e\\f\u0001ü*")"));
}

TEST(permission_missing, names_resources_as_their_partition_does) {
  auto refusal = denied("GetObject");
  refusal.partition = "aws-us-gov";
  EXPECT_THAT(missing(refusal).policy, HasSubstr("\"arn:aws-us-gov:s3:::logs/*\""));
}

TEST(permission_missing, believes_s3_when_it_names_the_action) {
  const auto found = missing(denied(
      "ListObjectsV2",
      "User: arn:aws:iam::111122223333:user/loader is not authorized to perform: s3:ListBucket on "
      "resource: \"arn:aws:s3:::logs\" because no identity-based policy allows the s3:ListBucket "
      "action"));
  EXPECT_EQ(found.action, "s3:ListBucket");
  EXPECT_EQ(found.remedy, "grant s3:ListBucket on arn:aws:s3:::logs");
  const auto versions = missing(denied(
      "GetObject", "User: u is not authorized to perform: s3:GetObjectVersion on resource: \"r\""));
  EXPECT_EQ(versions.action, "s3:GetObjectVersion");
  EXPECT_THAT(versions.policy, HasSubstr("\"arn:aws:s3:::logs/*\""));
}

TEST(permission_missing, says_in_which_policy_it_lacks) {
  const auto found = missing(
      denied("GetObject",
             "User: arn:aws:sts::111122223333:assumed-role/loader/i is not authorized to perform: "
             "s3:GetObject on resource: \"arn:aws:s3:::logs/a\" because no VPC endpoint policy "
             "allows the s3:GetObject action"));
  EXPECT_EQ(found.remedy, "grant s3:GetObject on arn:aws:s3:::logs/* in the VPC endpoint policy");
  EXPECT_FALSE(found.policy.empty());
}

TEST(permission_missing, offers_no_grant_against_a_denial) {
  const auto found =
      missing(denied("ListObjectsV2",
                     "User: arn:aws:iam::111122223333:user/loader is not authorized to perform: "
                     "s3:ListBucket on resource: \"arn:aws:s3:::logs\" with an explicit deny in a "
                     "resource-based policy"));
  EXPECT_THAT(found.remedy, HasSubstr("denied by a statement of the resource-based policy"));
  EXPECT_EQ(found.policy, "");
}

TEST(permission_missing, knows_that_the_key_is_what_may_not_be_used) {
  const std::string key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-123456";
  const auto named = missing(
      denied("GetObject",
             "User: arn:aws:sts::111122223333:assumed-role/loader/i is not authorized to perform: "
             "kms:Decrypt on resource: " +
                 key + " because no identity-based policy allows the kms:Decrypt action"));
  EXPECT_EQ(named.action, "kms:Decrypt");
  EXPECT_THAT(named.policy, HasSubstr("\"Resource\": \"" + key + "\""));
  EXPECT_THAT(named.remedy, HasSubstr("the key's policy"));

  const auto unnamed = missing(denied(
      "GetObject",
      "The ciphertext refers to a customer master key that does not exist, does not exist in this "
      "region, or you are not allowed to access."));
  EXPECT_EQ(unnamed.action, "kms:Decrypt");
  EXPECT_THAT(unnamed.policy, HasSubstr("\"arn:aws:kms:eu-west-1:*:key/*\""));
}

TEST(permission_missing, lets_no_message_write_the_policy) {
  const auto found = missing(denied(
      "GetObject",
      "is not authorized to perform: s3:*\",\"Resource\":\"* on resource: "
      "arn:aws:kms:x:y:key/\",\"Effect\":\"Allow kms:Decrypt because no policy\x1b[2J allows "
      "the x"));
  EXPECT_EQ(found.action, "kms:Decrypt");
  EXPECT_THAT(found.policy, HasSubstr("\"arn:aws:kms:eu-west-1:*:key/*\""));
  EXPECT_THAT(found.remedy, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace ingestor::s3::proto
