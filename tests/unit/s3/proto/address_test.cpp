#include "s3/proto/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ingestor::s3::proto {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(address_bucket, uses_virtual_host_style_in_aws) {
  const auto chosen = address_bucket("logs-2024", "eu-west-1", {});
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->where, (aws::endpoint{true, "logs-2024.s3.eu-west-1.amazonaws.com", 443}));
  EXPECT_EQ(chosen->path_prefix, "");
  const auto china = address_bucket("logs", "cn-north-1", {});
  ASSERT_TRUE(china);
  EXPECT_EQ(china->where.host, "logs.s3.cn-north-1.amazonaws.com.cn");
}

TEST(address_bucket, uses_path_style_where_the_certificate_would_not_match) {
  for (const auto* bucket : {"my.logs", "Old_Bucket", "under_score", "-odd-"}) {
    const auto chosen = address_bucket(bucket, "eu-west-1", {});
    ASSERT_TRUE(chosen) << bucket;
    EXPECT_EQ(chosen->where.host, "s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(chosen->path_prefix, "/" + std::string{bucket});
  }
}

TEST(address_bucket, uses_path_style_at_a_custom_endpoint) {
  const aws::endpoint minio{false, "127.0.0.1", 9000};
  const auto chosen = address_bucket("logs", "us-east-1", {.custom = minio});
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->where, minio);
  EXPECT_EQ(chosen->path_prefix, "/logs");
}

TEST(address_bucket, signs_for_the_region_that_it_asks) {
  const auto aws = address_bucket("logs", "EU-West-1", {});
  ASSERT_TRUE(aws);
  EXPECT_EQ(aws->where.host, "logs.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(aws->region, "eu-west-1");
  const auto china = address_bucket("my.logs", "CN-North-1", {});
  ASSERT_TRUE(china);
  EXPECT_EQ(china->where.host, "s3.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(china->region, "cn-north-1");
  const auto custom =
      address_bucket("logs", "Garage", {.custom = aws::endpoint{false, "127.0.0.1", 9000}});
  ASSERT_TRUE(custom);
  EXPECT_EQ(custom->region, "Garage");
}

address address_in(std::string_view region, const address_terms& terms = {}) {
  const auto chosen = address_bucket("logs", region, terms);
  EXPECT_TRUE(chosen) << region;
  return chosen ? *chosen : address{};
}

std::string refusal_in(std::string_view region, const address_terms& terms) {
  const auto chosen = address_bucket("logs", region, terms);
  return chosen ? "" : chosen.error();
}

TEST(address_bucket, has_dual_stack_and_fips_endpoints) {
  const address_terms dual{.dual_stack = true};
  const address_terms fips{.fips = true};
  const address_terms both{.dual_stack = true, .fips = true};
  EXPECT_EQ(address_in("eu-west-1", dual).where.host, "logs.s3.dualstack.eu-west-1.amazonaws.com");
  EXPECT_EQ(address_in("us-gov-west-1", fips).where.host,
            "logs.s3-fips.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(address_in("ca-central-1", both).where.host,
            "logs.s3-fips.dualstack.ca-central-1.amazonaws.com");
  EXPECT_EQ(address_in("cn-north-1", dual).where.host,
            "logs.s3.dualstack.cn-north-1.amazonaws.com.cn");
}

TEST(address_bucket, refuses_endpoints_that_a_partition_does_not_have) {
  EXPECT_THAT(refusal_in("cn-north-1", {.fips = true}),
              AllOf(HasSubstr("AWS_USE_FIPS_ENDPOINT"), HasSubstr("cn-north-1")));
  EXPECT_THAT(refusal_in("fips-cn-north-1", {}), HasSubstr("AWS_USE_FIPS_ENDPOINT"));
  EXPECT_THAT(refusal_in("eusc-de-east-1", {.dual_stack = true}),
              HasSubstr("AWS_USE_DUALSTACK_ENDPOINT"));
}

TEST(address_bucket, reads_pseudo_regions_as_the_sdks_do) {
  for (const auto* region : {"fips-us-gov-west-1", "us-gov-west-1-fips", "FIPS-US-Gov-West-1"}) {
    const auto chosen = address_in(region);
    EXPECT_EQ(chosen.where.host, "logs.s3-fips.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(chosen.region, "us-gov-west-1");
  }
  const auto global = address_in("aws-global");
  EXPECT_EQ(global.where.host, "logs.s3.amazonaws.com");
  EXPECT_EQ(global.region, "us-east-1");
  EXPECT_EQ(address_in("aws-global", {.dual_stack = true}).where.host,
            "logs.s3.dualstack.us-east-1.amazonaws.com");
}

TEST(address_bucket, knows_the_partition_that_arns_have) {
  EXPECT_EQ(address_in("eu-west-1").partition, "aws");
  EXPECT_EQ(address_in("cn-north-1").partition, "aws-cn");
  EXPECT_EQ(address_in("us-gov-east-1").partition, "aws-us-gov");
  const aws::endpoint minio{false, "127.0.0.1", 9000};
  EXPECT_EQ(address_in("cn-north-1", {.custom = minio}).partition, "aws");
  const aws::endpoint vpc{true, "bucket.vpce-1a2b.s3.cn-north-1.vpce.amazonaws.com.cn", 443};
  EXPECT_EQ(address_in("cn-north-1", {.custom = vpc}).partition, "aws-cn");
}

TEST(address_bucket, refuses_directory_buckets) {
  const auto chosen = address_bucket("logs--use1-az4--x-s3", "us-east-1", {});
  ASSERT_FALSE(chosen);
  EXPECT_THAT(chosen.error(), AllOf(HasSubstr("AWS_S3_BUCKET"), HasSubstr("directory bucket")));
}

TEST(address_bucket, refuses_names_that_would_change_the_url) {
  for (const auto* bucket : {"", "ab", "a/b", "a?b", "b@evil.example", "a b", "b\r\nx", "%2e"}) {
    const auto chosen = address_bucket(bucket, "eu-west-1", {});
    ASSERT_FALSE(chosen) << bucket;
    EXPECT_NE(chosen.error().find("AWS_S3_BUCKET"), std::string::npos);
  }
  for (const auto* region :
       {"", "eu.evil.example/", "a b", "-eu", "eu-", "eu_west", "12345", "fips-"}) {
    const auto chosen = address_bucket("logs", region, {});
    ASSERT_FALSE(chosen) << region;
    EXPECT_NE(chosen.error().find("AWS_REGION"), std::string::npos);
  }
}

}  // namespace
}  // namespace ingestor::s3::proto
