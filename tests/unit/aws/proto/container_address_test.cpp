#include "aws/proto/container_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::aws {
namespace {

std::string full(const std::string& uri) {
  credentials_settings settings;
  settings.container_full_uri = uri;
  const auto at = address_container(settings);
  return at ? url_of(at->where) + ' ' + at->target : "refused";
}

TEST(container_address, of_a_relative_uri_is_the_agent_of_ecs) {
  credentials_settings settings;
  settings.container_relative_uri = "/v2/credentials/x?a=b";
  settings.container_full_uri = "https://elsewhere/";
  const auto at = address_container(settings);
  ASSERT_TRUE(at);
  EXPECT_EQ(url_of(at->where), "http://169.254.170.2");
  EXPECT_EQ(at->target, "/v2/credentials/x?a=b");
  settings.container_relative_uri = "@evil/";
  EXPECT_FALSE(address_container(settings));
}

TEST(container_address, without_tls_is_near) {
  EXPECT_EQ(full("http://127.0.0.1:1234/a?b=c"), "http://127.0.0.1:1234 /a?b=c");
  EXPECT_EQ(full("http://127.3.2.1"), "http://127.3.2.1 /");
  EXPECT_EQ(full("http://localhost?x"), "http://localhost /?x");
  EXPECT_EQ(full("http://[::1]/a"), "http://[::1] /a");
  EXPECT_EQ(full("http://169.254.170.2/a"), "http://169.254.170.2 /a");
  EXPECT_EQ(full("http://169.254.170.23/v1/credentials"), "http://169.254.170.23 /v1/credentials");
  EXPECT_EQ(full("http://[fd00:ec2::23]/v1"), "http://[fd00:ec2::23] /v1");
  for (const std::string uri : {"http://192.0.2.1/a", "http://example.com/", "http://127.evil.com/",
                                "http://169.254.169.254/", "http://localhost.evil.com/"}) {
    EXPECT_EQ(full(uri), "refused") << uri;
  }
}

TEST(container_address, with_tls_is_anywhere) {
  EXPECT_EQ(full("https://agent.example:8443/a"), "https://agent.example:8443 /a");
}

TEST(container_address, is_a_url) {
  for (const std::string uri : {"", "/a", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "http:///a",
                                "http://127.0.0.1/a b", "http://127.0.0.1/\xc3\xbc"}) {
    EXPECT_EQ(full(uri), "refused") << uri;
  }
}

}  // namespace
}  // namespace ingestor::aws
