#include "s3/proto/get_object.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace ingestor::s3::proto {
namespace {

using ::testing::Contains;
using ::testing::Not;

const address path_style{{false, "127.0.0.1", 9000}, "/logs"};

bool has_header(const aws::unsigned_request& request, const aws::name_value& wanted) {
  return std::find(request.headers.begin(), request.headers.end(), wanted) != request.headers.end();
}

TEST(get_object_request, encodes_the_key_once_and_keeps_its_slashes) {
  const auto target = [](std::string key) {
    return aws::target_of(get_object_request(path_style, {std::move(key), "", 0}));
  };
  EXPECT_EQ(target("a b+c%20d"), "/logs/a%20b%2Bc%2520d");
  EXPECT_EQ(target("/a//b/"), "/logs//a//b/");
  EXPECT_EQ(target("q?x=1#y"), "/logs/q%3Fx%3D1%23y");
}

TEST(get_object_request, asks_for_one_version_and_from_one_byte) {
  const auto request = get_object_request(path_style, {"k", "abc-2", 4096});
  EXPECT_TRUE(has_header(request, {"if-match", "\"abc-2\""}));
  EXPECT_TRUE(has_header(request, {"range", "bytes=4096-"}));
  EXPECT_TRUE(has_header(get_object_request(path_style, {"k", "W/\"e\""}), {"if-match", "\"e\""}));
  const auto plain = get_object_request(path_style, {"k", "", 0});
  EXPECT_EQ(plain.headers.size(), 3U);
  EXPECT_TRUE(has_header(plain, {"x-amz-checksum-mode", "ENABLED"}));
  const auto part = get_object_request(path_style, {"k", "e", 0, 99});
  EXPECT_TRUE(has_header(part, {"range", "bytes=0-99"}));
}

result<object_facts, error> check(const get_object_query& query, const object_head& head) {
  return check_object_head(query, head, {});
}

TEST(check_object_head, reads_the_facts) {
  const auto facts = check({"k", "", 0}, {200, 12, "", "\"e\"", "Mon, 12 Oct 2009 17:50:30 GMT"});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->etag, "e");
  EXPECT_EQ(facts->content_length, 12);
  EXPECT_EQ(facts->last_modified, timestamp{std::chrono::seconds{1255369830}});
}

TEST(check_object_head, does_not_trust_a_server_that_ignores_if_match) {
  const auto same = check({"k", "\"e\"", 0}, {200, 12, "", "\"e\"", ""});
  EXPECT_TRUE(same);
  const auto other = check({"k", "e", 0}, {200, 12, "", "\"f\"", ""});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, error_kind::precondition_failed);
}

TEST(get_object_request, says_who_pays_where_that_is_the_requester) {
  const aws::name_value payer{"x-amz-request-payer", "requester"};
  address where{aws::endpoint{false, "h", 80}, "/b"};
  EXPECT_THAT(get_object_request(where, {"k", "", 0}).headers, Not(Contains(payer)));
  where.requester_pays = true;
  EXPECT_THAT(get_object_request(where, {"k", "", 0}).headers, Contains(payer));
}

TEST(check_object_head, takes_a_weak_tag_for_the_same_object) {
  const auto weak = check({"k", "e", 0}, {200, 12, "", "W/\"e\"", ""});
  ASSERT_TRUE(weak) << weak.error().text();
  EXPECT_EQ(weak->etag, "e");
  EXPECT_TRUE(check({"k", "W/\"e\"", 0}, {200, 12, "", "\"e\"", ""}));
  EXPECT_FALSE(check({"k", "e", 0}, {200, 12, "", "W/\"f\"", ""}));
  EXPECT_FALSE(check({"k", "e", 0}, {200, 12, "", "W/e", ""}));
}

TEST(check_object_head, wants_exactly_the_range_it_asked_for) {
  EXPECT_TRUE(check({"k", "", 5}, {206, 7, "bytes 5-11/12", "\"e\"", ""}));
  for (const auto& head :
       {object_head{200, 12, "", "\"e\"", ""}, object_head{206, 7, "bytes 50-56/57", "\"e\"", ""},
        object_head{206, 7, "", "\"e\"", ""}}) {
    const auto facts = check({"k", "", 5}, head);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().kind, error_kind::protocol);
  }
  EXPECT_FALSE(check({"k", "", 0}, {206, 7, "bytes 0-6/12", "\"e\"", ""}));
}

TEST(check_object_head, takes_no_less_than_all_that_is_left) {
  const get_object_query rest{"k", "", 5};
  const auto told = [](std::int64_t length, std::string_view range) {
    return object_head{206, length, range, "\"e\"", ""};
  };
  const auto whole = check(rest, told(7, "bytes 5-11/12"));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->object_length, 12);
  EXPECT_EQ(check(rest, told(7, "bytes 5-11/*"))->object_length, -1);
  EXPECT_TRUE(check(rest, {206, std::nullopt, "bytes 5-11/12", "\"e\"", ""}));
  for (const auto& [length, range] : std::vector<std::pair<std::int64_t, std::string_view>>{
           {6, "bytes 5-10/12"},
           {6, "bytes 5-11/12"},
           {8, "bytes 5-11/12"},
           {7, "bytes 5-11/11"},
           {7, "bytes 5-4/12"},
           {7, "bytes 5-11"},
           {7, "bytes 5-11/12x"},
           {7, "bytes 5-99999999999999999999/12"},
           {7, "items 5-11/12"}}) {
    EXPECT_FALSE(check(rest, told(length, range))) << range;
  }
  const get_object_query part{"k", "", 4, 7};
  EXPECT_TRUE(check(part, told(4, "bytes 4-7/12")));
  EXPECT_FALSE(check(part, told(8, "bytes 4-11/12"))) << "more than was asked for";
  EXPECT_TRUE(check({"k", "", 4, 99}, told(8, "bytes 4-11/12"))) << "there is no more";
}

}  // namespace
}  // namespace ingestor::s3::proto
