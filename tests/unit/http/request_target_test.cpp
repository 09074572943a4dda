#include "http/request_target.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::http {
namespace {

TEST(request_target, is_a_path) {
  EXPECT_EQ(path_of("/"), "/");
  EXPECT_EQ(path_of("/metrics"), "/metrics");
  EXPECT_EQ(path_of("/a/b/"), "/a/b/");
  EXPECT_EQ(path_of("/metrics?x=/y&z=%"), "/metrics");
  EXPECT_EQ(path_of("/?"), "/");
}

TEST(request_target, may_be_a_whole_url) {
  EXPECT_EQ(path_of("http://host/metrics"), "/metrics");
  EXPECT_EQ(path_of("HTTPS://host:8080/metrics?x"), "/metrics");
  EXPECT_EQ(path_of("http://[::1]:8080"), "/");
  EXPECT_EQ(path_of("http://host?x"), "/");
  EXPECT_EQ(path_of("http:///"), "/");
}

TEST(request_target, is_decoded) {
  EXPECT_EQ(path_of("/%6detrics"), "/metrics");
  EXPECT_EQ(path_of("/%6Detrics%2F"), "/metrics/");
  EXPECT_EQ(path_of("/%e2%82%ac"), "/\u20ac");
  EXPECT_EQ(path_of("/%3fx"), "/?x");
}

TEST(request_target, has_its_dots_resolved) {
  EXPECT_EQ(path_of("/./metrics"), "/metrics");
  EXPECT_EQ(path_of("/a/../metrics"), "/metrics");
  EXPECT_EQ(path_of("/../../metrics"), "/metrics");
  EXPECT_EQ(path_of("/%2e%2e/%2E/metrics"), "/metrics");
  EXPECT_EQ(path_of("/metrics/.."), "/");
  EXPECT_EQ(path_of("/metrics/."), "/metrics/");
  EXPECT_EQ(path_of("/..."), "/...");
}

TEST(request_target, keeps_doubled_slashes) {
  EXPECT_EQ(path_of("//"), "//");
  EXPECT_EQ(path_of("//metrics"), "//metrics");
  EXPECT_EQ(path_of("/a//../b"), "/a/b");
}

TEST(request_target, is_refused_where_it_is_none) {
  for (const std::string text :
       {"", "*", "metrics", "host:80", "ftp://host/", "http:/metrics", "?x", "/a#b", "/%", "/%6",
        "/%zz", "/%-1", "/%0x", "/%00", "/%0a", "/%7f", "/\r\n", "/\t"}) {
    EXPECT_FALSE(path_of(text)) << text;
  }
}

}  // namespace
}  // namespace ingestor::http
