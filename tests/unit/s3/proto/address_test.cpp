#include "s3/proto/address.hpp"

#include <gtest/gtest.h>

namespace ingestor::s3::proto {
namespace {

TEST(address_bucket, uses_virtual_host_style_in_aws) {
  const auto chosen = address_bucket("logs-2024", "eu-west-1", std::nullopt);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->where, (aws::endpoint{true, "logs-2024.s3.eu-west-1.amazonaws.com", 443}));
  EXPECT_EQ(chosen->path_prefix, "");
  const auto china = address_bucket("logs", "cn-north-1", std::nullopt);
  ASSERT_TRUE(china);
  EXPECT_EQ(china->where.host, "logs.s3.cn-north-1.amazonaws.com.cn");
}

TEST(address_bucket, uses_path_style_where_the_certificate_would_not_match) {
  for (const auto* bucket : {"my.logs", "Old_Bucket", "under_score", "-odd-"}) {
    const auto chosen = address_bucket(bucket, "eu-west-1", std::nullopt);
    ASSERT_TRUE(chosen) << bucket;
    EXPECT_EQ(chosen->where.host, "s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(chosen->path_prefix, "/" + std::string{bucket});
  }
}

TEST(address_bucket, uses_path_style_at_a_custom_endpoint) {
  const aws::endpoint minio{false, "127.0.0.1", 9000};
  const auto chosen = address_bucket("logs", "us-east-1", minio);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->where, minio);
  EXPECT_EQ(chosen->path_prefix, "/logs");
}

TEST(address_bucket, signs_for_the_region_that_it_asks) {
  const auto aws = address_bucket("logs", "EU-West-1", std::nullopt);
  ASSERT_TRUE(aws);
  EXPECT_EQ(aws->where.host, "logs.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(aws->region, "eu-west-1");
  const auto china = address_bucket("my.logs", "CN-North-1", std::nullopt);
  ASSERT_TRUE(china);
  EXPECT_EQ(china->where.host, "s3.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(china->region, "cn-north-1");
  const auto custom = address_bucket("logs", "Garage", aws::endpoint{false, "127.0.0.1", 9000});
  ASSERT_TRUE(custom);
  EXPECT_EQ(custom->region, "Garage");
}

TEST(address_bucket, refuses_names_that_would_change_the_url) {
  for (const auto* bucket : {"", "ab", "a/b", "a?b", "b@evil.example", "a b", "b\r\nx", "%2e"}) {
    const auto chosen = address_bucket(bucket, "eu-west-1", std::nullopt);
    ASSERT_FALSE(chosen) << bucket;
    EXPECT_NE(chosen.error().find("AWS_S3_BUCKET"), std::string::npos);
  }
  for (const auto* region : {"", "eu.evil.example/", "a b"}) {
    const auto chosen = address_bucket("logs", region, std::nullopt);
    ASSERT_FALSE(chosen) << region;
    EXPECT_NE(chosen.error().find("AWS_REGION"), std::string::npos);
  }
}

}  // namespace
}  // namespace ingestor::s3::proto
