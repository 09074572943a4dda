#include "config/load.hpp"
#include "variables_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::config {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

result<settings, std::vector<mistake>> having(
    std::initializer_list<std::pair<const std::string, std::string>> more) {
  return load(environment_of(complete(more)), a_host);
}

std::string refusal_of(const std::string& proxy) {
  const auto loaded = having({{"HTTPS_PROXY", proxy}});
  return loaded ? "" : text_of(loaded.error().front());
}

TEST(proxies, are_read_as_urls) {
  const auto none = having({});
  EXPECT_FALSE(none->s3.proxies.https);
  EXPECT_FALSE(none->s3.proxies.http);
  const auto both = having({{"HTTPS_PROXY", "HTTP://u%40x:p%3a%25@Proxy.Example:3128/"},
                            {"HTTP_PROXY", "https://[::1]"},
                            {"NO_PROXY", "a.b, 10.0.0.0/8"}});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->s3.proxies.https->where, (aws::endpoint{false, "proxy.example", 3128}));
  EXPECT_EQ(both->s3.proxies.https->user_info, secret{"u@x:p:%"});
  EXPECT_EQ(both->s3.proxies.http->where, (aws::endpoint{true, "::1", 443}));
  EXPECT_TRUE(both->s3.proxies.http->user_info.empty());
  EXPECT_EQ(both->s3.proxies.no_proxy, "a.b, 10.0.0.0/8");
}

TEST(proxies, may_leave_things_out) {
  EXPECT_EQ(having({{"HTTPS_PROXY", "proxy:3128"}})->s3.proxies.https->where,
            (aws::endpoint{false, "proxy", 3128}));
  EXPECT_EQ(having({{"HTTPS_PROXY", "http://proxy"}})->s3.proxies.https->where.port, 80);
  EXPECT_EQ(having({{"HTTPS_PROXY", "user@proxy:1/path?x"}})->s3.proxies.https->user_info,
            secret{"user:"});
}

TEST(proxies, have_names_in_small_letters_that_win) {
  const auto both = having({{"HTTPS_PROXY", "http://large"},
                            {"https_proxy", "http://small"},
                            {"http_proxy", "http://small"},
                            {"no_proxy", "small"}});
  EXPECT_EQ(both->s3.proxies.https->where.host, "small");
  EXPECT_EQ(both->s3.proxies.http->where.host, "small");
  EXPECT_EQ(both->s3.proxies.no_proxy, "small");
  EXPECT_EQ(
      having({{"HTTPS_PROXY", "http://large"}, {"https_proxy", ""}})->s3.proxies.https->where.host,
      "large");
}

TEST(proxies, are_refused_without_their_password) {
  for (const auto* url :
       {"socks5://u:hunter2@proxy", "http://u:hunter2%@proxy", "http://u:hunter2%0a@proxy",
        "http://u:hunter2@", "http://u:hunter2@proxy:0", "http://u%3a:hunter2@proxy",
        "http://u:hunter2@pro xy", "u:hunter2@proxy:x", "http://", "http://proxy:"}) {
    EXPECT_THAT(refusal_of(url), StartsWith("HTTPS_PROXY: ")) << url;
    EXPECT_THAT(refusal_of(url), HasSubstr("http://proxy.example:3128")) << url;
    EXPECT_THAT(refusal_of(url), Not(HasSubstr("hunter2"))) << url;
  }
  const auto small = having({{"https_proxy", "ftp://x"}, {"NO_PROXY", "a\nb"}});
  ASSERT_FALSE(small);
  EXPECT_THAT(text_of(small.error().front()), StartsWith("https_proxy: "));
  EXPECT_EQ(small.error().size(), 2U);
}

}  // namespace
}  // namespace ingestor::config
