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

result<list_page, error> parse_of(const std::string& body, const list_query& query) {
  return parse_list_page(body, query, about_listing());
}

result<list_page, error> parse(const std::string& body, const list_position& from = {}) {
  return parse_of(body, {"", from, list_keys_max});
}

void expect_refused(const result<list_page, error>& got, std::string_view word) {
  ASSERT_FALSE(got) << word;
  EXPECT_EQ(got.error().kind, error_kind::protocol);
  EXPECT_FALSE(got.error().transient());
  EXPECT_NE(got.error().message.find(word), std::string::npos) << got.error().message;
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
  EXPECT_THAT(list_objects_request(where, {}).headers, Not(Contains(payer)));
  where.requester_pays = true;
  EXPECT_THAT(list_objects_request(where, {}).headers, Contains(payer));
}

TEST(list_objects_request, asks_for_encoded_keys) {
  const address where{{false, "127.0.0.1", 9000}, "/logs"};
  const auto request = list_objects_request(where, {"app/a b+c", {"t/=", "app/a"}, 5000});
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(aws::target_of(request),
            "/logs?continuation-token=t%2F%3D&encoding-type=url&list-type=2&max-keys=1000&"
            "prefix=app%2Fa%20b%2Bc");
  ASSERT_EQ(request.headers.size(), 1U);
  EXPECT_EQ(request.headers[0].second, "127.0.0.1:9000");
}

TEST(list_objects_request, leaves_out_what_is_empty) {
  const address where{{true, "logs.s3.eu-west-1.amazonaws.com", 443}, ""};
  EXPECT_EQ(aws::target_of(list_objects_request(where, {"", {}, 1})),
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
  for (int i = 0; i < 1021; ++i) encoded_key += "%C3";
  for (int i = 0; i < 1000; ++i)
    inside += contents(encoded_key + std::to_string(i + 1000).substr(1));
  const auto got = parse(page(inside.append(last)));
  ASSERT_TRUE(got) << got.error().text();
  ASSERT_EQ(got->objects.size(), 1000U);
  EXPECT_EQ(got->objects[999].key, std::string(1021, '\xc3') + "999");
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

TEST(parse_list_page, wants_keys_in_order_within_a_page_too) {
  EXPECT_TRUE(
      parse(page(contents("A") + contents("a") + contents("\xc3\xa9") + contents("\xef\xbf\xbf") +
                 contents("\xf0\x9f\x98\x80") + std::string{last})))
      << "as bytes: U+FFFF is before U+1F600, which in UTF-16 it is not";
  expect_refused(parse(page(contents("b") + contents("a") + std::string{last})), "order");
  expect_refused(parse(page(contents("a") + contents("a") + std::string{last})), "order");
}

TEST(parse_list_page, refuses_pages_that_would_never_end_or_lose_keys) {
  expect_refused(parse(page("<IsTruncated>true</IsTruncated>"
                            "<NextContinuationToken>t</NextContinuationToken>"),
                       {"t", ""}),
                 "never end");
  for (const auto* inside :
       {"<IsTruncated>true</IsTruncated>", "", "<IsTruncated>1</IsTruncated>"}) {
    expect_refused(parse(page(inside)), "the listing has");
  }
}

std::string page_with_token(std::string_view token) {
  return page("<IsTruncated>true</IsTruncated><NextContinuationToken>" + std::string{token} +
              "</NextContinuationToken>");
}

TEST(parse_list_page, counts_empty_pages_and_refuses_an_endless_run_of_them) {
  list_position from{"0", "b"};
  for (int i = 1; i <= empty_pages_max; ++i) {
    const auto got = parse(page_with_token(std::to_string(i)), from);
    ASSERT_TRUE(got) << i << got.error().text();
    from = got->next;
  }
  EXPECT_EQ(from.empty_pages, empty_pages_max);
  expect_refused(parse(page_with_token("another"), from), "page without a key");
  const auto with_key = parse(page(contents("c") + std::string{more}), from);
  ASSERT_TRUE(with_key);
  EXPECT_EQ(with_key->next.empty_pages, 0) << "a key begins a new count";
  EXPECT_TRUE(parse(page(last), from)) << "the last page may be empty whatever came before";
}

TEST(parse_list_page, refuses_a_token_that_no_request_could_carry) {
  const auto longest = parse(page_with_token(std::string(token_bytes_max, 't')));
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->next.token.size(), token_bytes_max);
  expect_refused(parse(page_with_token(std::string(token_bytes_max + 1, 't'))), "token");
}

TEST(parse_list_page, refuses_more_keys_than_were_asked_for) {
  const auto two = page(contents("a") + contents("b") + std::string{last});
  EXPECT_TRUE(parse_of(two, {"", {}, 2}));
  expect_refused(parse_of(two, {"", {}, 1}), "more keys");
  expect_refused(parse_of(two, {"", {}, 0}), "more keys");
  std::string inside;
  for (int i = 0; i < 1001; ++i) inside += contents(std::to_string(10'000 + i));
  expect_refused(parse_of(page(inside + std::string{last}), {"", {}, 5000}), "more keys");
}

TEST(parse_list_page, refuses_keys_without_the_prefix) {
  const auto both = page(contents("app/1") + contents("other/1") + std::string{last});
  EXPECT_TRUE(parse_of(both, {}));
  expect_refused(parse_of(both, {.prefix = "app/"}), "prefix");
  expect_refused(parse_of(page(contents("APP/1") + std::string{last}), {.prefix = "app/"}),
                 "prefix");
  const auto encoded = page(std::string{url_encoding} + contents("a%20b%2F1") + std::string{last});
  EXPECT_TRUE(parse_of(encoded, {.prefix = "a b/"})) << "decoded before it is compared";
}

TEST(parse_list_page, refuses_keys_and_etags_that_s3_cannot_have) {
  EXPECT_TRUE(parse(page(contents(std::string(key_bytes_max, 'k')) + std::string{last})));
  expect_refused(parse(page(contents(std::string(key_bytes_max + 1, 'k')) + std::string{last})),
                 "Key");
  const auto with_etag = [](const std::string& etag) {
    auto object = contents("k");
    const std::string usual = "&quot;fba9dede5f27731c9771645a39863328&quot;";
    return parse(page(object.replace(object.find(usual), usual.size(), etag) + std::string{last}));
  };
  EXPECT_TRUE(with_etag(std::string(etag_bytes_max, 'e')));
  expect_refused(with_etag(std::string(etag_bytes_max + 1, 'e')), "ETag");
  expect_refused(with_etag("e&#13;&#10;x-evil: 1"), "ETag");
}

TEST(parse_list_page, takes_no_part_of_a_value_for_the_whole) {
  for (const auto* key : {"a<b/>c", "<b>a</b>", "a</Key><Key>c"}) {
    expect_refused(parse(page(contents(key) + std::string{last})), "Key");
  }
  expect_refused(parse(page("<IsTruncated>true</IsTruncated>"
                            "<NextContinuationToken>t<x/>u</NextContinuationToken>")),
                 "token");
  expect_refused(parse(page(std::string{last} + "<IsTruncated>true</IsTruncated>")), "IsTruncated");
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
