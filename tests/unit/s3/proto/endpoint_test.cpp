#include "s3/proto/endpoint.hpp"

#include <gtest/gtest.h>

namespace ingestor::s3::proto {
namespace {

TEST(parse_endpoint, reads_scheme_host_and_port) {
  const auto local = parse_endpoint("http://127.0.0.1:4566");
  ASSERT_TRUE(local);
  EXPECT_EQ(*local, (endpoint{false, "127.0.0.1", 4566}));
  const auto slash = parse_endpoint("HTTPS://MinIO.Example:9000/");
  ASSERT_TRUE(slash);
  EXPECT_EQ(*slash, (endpoint{true, "minio.example", 9000}));
  const auto ipv6 = parse_endpoint("http://[::1]:9000");
  ASSERT_TRUE(ipv6);
  EXPECT_EQ(*ipv6, (endpoint{false, "::1", 9000}));
  EXPECT_EQ(url_of(*ipv6), "http://[::1]:9000");
}

TEST(parse_endpoint, knows_the_default_ports) {
  const auto plain = parse_endpoint("http://s3");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(authority(*plain), "s3");
  const auto tls = parse_endpoint("https://[fe80::1]");
  ASSERT_TRUE(tls);
  EXPECT_EQ(tls->port, 443);
  EXPECT_EQ(authority(*tls), "[fe80::1]");
}

TEST(parse_endpoint, says_what_is_wrong_and_what_is_wanted) {
  for (const auto* url :
       {"", "localhost:4566", "ftp://h", "http://", "http://:9000", "http://h:", "http://h:0",
        "http://h:65536", "http://h:9x", "http://[::1", "http://[zz]", "http://[::1]9000",
        "http://h/bucket", "http://h?x", "http://h#x", "http://a b", "http://h\r\nX: y"}) {
    const auto parsed = parse_endpoint(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_NE(parsed.error().find("https://s3.example.com:9000"), std::string::npos);
  }
}

TEST(parse_endpoint, does_not_repeat_a_password) {
  const auto parsed = parse_endpoint("http://user:hunter2@h:9000");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().find("hunter2"), std::string::npos);
}

TEST(address_bucket, uses_virtual_host_style_in_aws) {
  const auto chosen = address_bucket("logs-2024", "eu-west-1", std::nullopt);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->where, (endpoint{true, "logs-2024.s3.eu-west-1.amazonaws.com", 443}));
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
  const endpoint minio{false, "127.0.0.1", 9000};
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
  const auto custom = address_bucket("logs", "Garage", endpoint{false, "127.0.0.1", 9000});
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
