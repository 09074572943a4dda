#include "s3/proto/list_objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::s3::proto {
namespace {

using ::testing::Contains;
using ::testing::Not;

error about_listing() {
  error about;
  about.operation = list_objects_operation;
  about.bucket = "logs";
  about.http_status = 200;
  return about;
}

result<list_page, error> parse(const std::string& body, const list_position& from = {}) {
  return parse_list_page(body, from, about_listing());
}

std::string page(std::string_view inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
         std::string{inside} + "</ListBucketResult>";
}

std::string contents(std::string_view key) {
  return "<Contents><Key>" + std::string{key} +
         "</Key><LastModified>2009-10-12T17:50:30.123Z</LastModified>"
         "<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size>"
         "<StorageClass>STANDARD</StorageClass></Contents>";
}

constexpr std::string_view url_encoding = "<EncodingType>url</EncodingType>";
constexpr std::string_view last = "<IsTruncated>false</IsTruncated>";

TEST(list_objects_request, says_who_pays_where_that_is_the_requester) {
  const aws::name_value payer{"x-amz-request-payer", "requester"};
  address where{aws::endpoint{false, "h", 80}, "/b"};
  EXPECT_THAT(list_objects_request(where, "", {}, 1).headers, Not(Contains(payer)));
  where.requester_pays = true;
  EXPECT_THAT(list_objects_request(where, "", {}, 1).headers, Contains(payer));
}

TEST(list_objects_request, asks_for_encoded_keys) {
  const address where{{false, "127.0.0.1", 9000}, "/logs"};
  const auto request = list_objects_request(where, "app/a b+c", {"t/=", "app/a"}, 5000);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(aws::target_of(request),
            "/logs?continuation-token=t%2F%3D&encoding-type=url&list-type=2&max-keys=1000&"
            "prefix=app%2Fa%20b%2Bc");
  ASSERT_EQ(request.headers.size(), 1U);
  EXPECT_EQ(request.headers[0].second, "127.0.0.1:9000");
}

TEST(list_objects_request, leaves_out_what_is_empty) {
  const address where{{true, "logs.s3.eu-west-1.amazonaws.com", 443}, ""};
  EXPECT_EQ(aws::target_of(list_objects_request(where, "", {}, 1)),
            "/?encoding-type=url&list-type=2&max-keys=1");
}

TEST(parse_list_page, reads_an_object) {
  const auto got =
      parse(page(std::string{url_encoding} + contents("app/1.gz") + std::string{last}));
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_TRUE(got->next.empty());
  ASSERT_EQ(got->objects.size(), 1U);
  const auto& object = got->objects[0];
  EXPECT_EQ(object.key, "app/1.gz");
  EXPECT_EQ(object.etag, "fba9dede5f27731c9771645a39863328");
  EXPECT_EQ(object.size, 434234);
  EXPECT_EQ(object.last_modified, timestamp{std::chrono::microseconds{1255369830123000}});
}

TEST(parse_list_page, decodes_keys_only_where_the_server_encoded_them) {
  const auto key = "a+b%2Bc%20%F0%9F%92%A9&amp;%25";
  const auto encoded = parse(page(std::string{url_encoding} + contents(key) + std::string{last}));
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->objects[0].key, "a b+c \xf0\x9f\x92\xa9&%");
  const auto verbatim = parse(page(contents(key) + std::string{last}));
  ASSERT_TRUE(verbatim);
  EXPECT_EQ(verbatim->objects[0].key, "a+b%2Bc%20%F0%9F%92%A9&%25");
}

TEST(parse_list_page, reads_a_whole_page_of_the_longest_keys) {
  std::string inside{url_encoding};
  std::string encoded_key;
  for (int i = 0; i < 1024; ++i) encoded_key += "%C3";
  for (int i = 0; i < 1000; ++i) inside += contents(encoded_key);
  const auto got = parse(page(inside.append(last)));
  ASSERT_TRUE(got) << got.error().text();
  ASSERT_EQ(got->objects.size(), 1000U);
  EXPECT_EQ(got->objects[999].key, std::string(1024, '\xc3'));
}

constexpr std::string_view more =
    "<IsTruncated>true</IsTruncated><NextContinuationToken>1ue+/%20=</NextContinuationToken>";

TEST(parse_list_page, hands_the_position_of_the_next_page_on) {
  const auto got = parse(page(contents("a") + contents("b") + std::string{more}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->next.token, "1ue+/%20=");
  EXPECT_EQ(got->next.last_key, "b");
  const auto without_keys = parse(page(more), {"another", "b"});
  ASSERT_TRUE(without_keys);
  EXPECT_EQ(without_keys->next.last_key, "b");
}

TEST(parse_list_page, wants_keys_above_those_of_the_page_before) {
  const list_position from{"another", "b"};
  EXPECT_TRUE(parse(page(contents("b!") + std::string{more}), from));
  EXPECT_TRUE(parse(page(contents("\xc3\xa9") + std::string{more}), from)) << "as bytes, unsigned";
  for (const auto* const key : {"b", "a", "B", "azz"}) {
    const auto got = parse(page(contents(key) + std::string{more}), from);
    ASSERT_FALSE(got) << key;
    EXPECT_EQ(got.error().kind, error_kind::protocol);
    EXPECT_FALSE(got.error().transient());
  }
}

TEST(parse_list_page, refuses_pages_that_would_never_end_or_lose_keys) {
  const auto repeated = parse(page("<IsTruncated>true</IsTruncated>"
                                   "<NextContinuationToken>t</NextContinuationToken>"),
                              {"t", ""});
  ASSERT_FALSE(repeated);
  EXPECT_EQ(repeated.error().kind, error_kind::protocol);
  EXPECT_FALSE(repeated.error().transient());
  for (const auto* inside :
       {"<IsTruncated>true</IsTruncated>", "", "<IsTruncated>1</IsTruncated>"}) {
    const auto got = parse(page(inside));
    ASSERT_FALSE(got) << inside;
    EXPECT_EQ(got.error().kind, error_kind::protocol);
  }
}

TEST(parse_list_page, names_the_element_that_is_malformed) {
  const auto broken = [](std::string body, const std::string& from, const std::string& to) {
    return parse(page(body.replace(body.find(from), from.size(), to) + std::string{last}));
  };
  const auto no_size = broken(contents("k"), "434234", "-1");
  ASSERT_FALSE(no_size);
  EXPECT_NE(no_size.error().message.find("Size"), std::string::npos);
  const auto no_time = broken(contents("k"), "2009-10-12", "yesterday");
  ASSERT_FALSE(no_time);
  EXPECT_NE(no_time.error().message.find("LastModified"), std::string::npos);
  const auto no_key = broken(contents("k"), "<Key>k</Key>", "");
  ASSERT_FALSE(no_key);
  EXPECT_NE(no_key.error().message.find("Key"), std::string::npos);
  const auto bad_key =
      parse(page(std::string{url_encoding} + contents("a%zz") + std::string{last}));
  EXPECT_FALSE(bad_key);
}

TEST(parse_list_page, takes_an_error_document_with_a_200_for_what_it_says) {
  const auto got = parse("<Error><Code>InternalError</Code><Message>We lost it.</Message></Error>");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, error_kind::server);
  EXPECT_EQ(got.error().code, "InternalError");
  EXPECT_TRUE(got.error().transient());
  const auto slow = parse("<Error><Code>SlowDown</Code></Error>");
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().kind, error_kind::throttled);
}

TEST(parse_list_page, refuses_hostile_and_foreign_documents) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  std::string wide = "<ListBucketResult>";
  for (int i = 0; i < 100'000; ++i) wide += "<a/>";
  const auto bomb =
      "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><ListBucketResult>&b;"
      "<IsTruncated>false</IsTruncated></ListBucketResult>";
  const auto huge = page(std::string(std::size_t{9} * 1024 * 1024, ' ') + std::string{last});
  for (const auto& body : {deep, wide + "</ListBucketResult>", std::string{bomb}, huge,
                           std::string{"<html><body>Sign in</body></html>"}, std::string{},
                           std::string{"<ListBucketResult><IsTruncated>false</IsTruncated>"}}) {
    const auto got = parse(body);
    ASSERT_FALSE(got) << body.substr(0, 80);
    EXPECT_EQ(got.error().kind, error_kind::protocol);
  }
}

}  // namespace
}  // namespace ingestor::s3::proto
