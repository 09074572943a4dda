#include "aws/proto/endpoint.hpp"

#include <gtest/gtest.h>

namespace ingestor::aws {
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

}  // namespace
}  // namespace ingestor::aws
