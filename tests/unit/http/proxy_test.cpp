#include "http/proxy.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace ingestor::http {
namespace {

proxy_settings both(std::string no_proxy = "") {
  return {.for_http = proxy{{false, "http.proxy", 3128}, {}},
          .for_https = proxy{{true, "https.proxy", 443}, {}},
          .no_proxy = std::move(no_proxy)};
}

bool goes_through(const std::string& host, const std::string& no_proxy, std::uint16_t port = 443) {
  return proxy_for({true, host, port}, both(no_proxy)).has_value();
}

TEST(http_proxy_for, goes_by_the_targets_scheme) {
  const auto settings = both();
  EXPECT_EQ(proxy_for({true, "s3.example", 443}, settings)->where.host, "https.proxy");
  EXPECT_EQ(proxy_for({false, "s3.example", 80}, settings)->where.host, "http.proxy");
  const proxy_settings only_http{.for_http = settings.for_http, .for_https = {}, .no_proxy = ""};
  EXPECT_FALSE(proxy_for({true, "s3.example", 443}, only_http));
  EXPECT_FALSE(proxy_for({false, "s3.example", 80}, {}));
}

TEST(http_proxy_for, sends_nothing_near_through_a_proxy) {
  for (const auto* host :
       {"localhost", "LOCALHOST", "localhost.", "bucket.localhost", "127.0.0.1", "127.9.8.7", "::1",
        "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fd00:0ec2::23", "fe80::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254"}) {
    EXPECT_FALSE(goes_through(host, "")) << host;
  }
  for (const auto* host : {"localhost.example", "notlocalhost", "128.0.0.1", "169.255.0.1",
                           "fd00:ec3::1", "fd01:ec2::1", "10.0.0.1", "s3.amazonaws.com"}) {
    EXPECT_TRUE(goes_through(host, "")) << host;
  }
}

TEST(http_proxy_for, knows_names_and_what_is_below_them) {
  for (const auto* list : {"example.com", ".example.com", "*.example.com", "EXAMPLE.com",
                           "example.com.", "..example.com", "a.b,example.com", "a.b example.com",
                           " a.b ,\texample.com ", ",,example.com,,", "example.com:443", "*"}) {
    EXPECT_FALSE(goes_through("example.com", list)) << list;
    EXPECT_FALSE(goes_through("s3.Example.com", list)) << list;
    EXPECT_FALSE(goes_through("a.s3.example.com.", list)) << list;
  }
  for (const auto* list :
       {"", " ", ",", ".", "ample.com", "com.example", "s3.example.com", "example.co",
        "example.com:80", "*.", "**", "xample.com", "example.com/8", "[example.com", "["}) {
    EXPECT_TRUE(goes_through("example.com", list)) << list;
  }
}

TEST(http_proxy_for, knows_addresses_and_networks) {
  const std::vector<std::pair<std::string, std::string>> exempt{
      {"10.1.2.3", "10.1.2.3"},         {"10.1.2.3", "10.0.0.0/8"}, {"10.1.2.3", "10.1.2.3/32"},
      {"10.1.2.3", "10.9.9.9/8"},       {"10.1.2.3", "0.0.0.0/0"},  {"10.1.2.3", "10.1.2.3:443"},
      {"fd12::1", "fd12::1"},           {"fd12::1", "FD12:0::0:1"}, {"fd12::1", "[fd12::1]"},
      {"fd12::1", "[fd12::1]:443"},     {"fd12::1", "fd12::/16"},   {"fd12::1", "fd00::/8"},
      {"::ffff:10.1.2.3", "10.0.0.0/8"}};
  for (const auto& [host, list] : exempt) EXPECT_FALSE(goes_through(host, list)) << host << list;
  const std::vector<std::pair<std::string, std::string>> not_exempt{
      {"10.1.2.3", "10.1.2.4"},    {"10.1.2.3", "11.0.0.0/8"}, {"10.1.2.3", "10.1.2.3/33"},
      {"10.1.2.3", "10.1.2.3:80"}, {"10.1.2.3", "10.1.2."},    {"10.1.2.3", "2.3"},
      {"10.1.2.3", "fd00::/8"},    {"fd12::1", "10.0.0.0/8"},  {"fd12::1", "fd13::/16"},
      {"fd12::1", "[fd12::1]:80"}, {"fd12::1", "fd12::/129"},  {"name.example", "10.0.0.0/8"},
      {"10.1.2.3", "10.0.0.0/"},   {"10.1.2.3", "/8"},         {"10.1.2.3", "10.0.0.0/-8"}};
  for (const auto& [host, list] : not_exempt) EXPECT_TRUE(goes_through(host, list)) << host << list;
}

TEST(http_proxy, is_shown_without_its_password) {
  const proxy via{{false, "::1", 3128}, secret{"user:hunter2"}};
  EXPECT_EQ(name_of(via, {true, "x", 443}), "the proxy [::1]:3128 (HTTPS_PROXY)");
  EXPECT_EQ(name_of(via, {false, "x", 80}), "the proxy [::1]:3128 (HTTP_PROXY)");
}

TEST(http_proxy, writes_who_asks_in_base64) {
  EXPECT_EQ(basic_authorization(secret{"a"}).reveal(), "Basic YQ==");
  EXPECT_EQ(basic_authorization(secret{"Aladdin:open sesame"}).reveal(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

}  // namespace
}  // namespace ingestor::http
