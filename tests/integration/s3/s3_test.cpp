// The client against a real S3 server: LocalStack, moto, MinIO, or a bucket's worth of AWS.
//
// INGESTOR_TEST_S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say where; without the
// first everything is skipped. INGESTOR_TEST_S3_VERIFIES_SIGNATURES=1 where the server does, and
// INGESTOR_TEST_S3_KEEPS_CONNECTIONS=0 where it closes them after each answer.
#include "await_on.hpp"
#include "bucket_writer.hpp"
#include "s3/client.hpp"

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

namespace ingestor::s3 {
namespace {

namespace asio = boost::asio;
using testing_support::await_on;
using testing_support::bucket_writer;

std::string environment(const char* name, const char* otherwise = "") {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

class real_s3 : public testing::Test {
 protected:
  void SetUp() override {
    endpoint_ = environment("INGESTOR_TEST_S3_ENDPOINT");
    if (endpoint_.empty()) GTEST_SKIP() << "INGESTOR_TEST_S3_ENDPOINT is not set";
    static int number = 0;
    options_.bucket = "it-" + std::to_string(::getpid()) + '-' + std::to_string(++number);
    options_.region = environment("AWS_REGION", "us-east-1");
    options_.endpoint = endpoint_;
    creds_ = {environment("AWS_ACCESS_KEY_ID", "test"),
              secret{environment("AWS_SECRET_ACCESS_KEY", "test")}, secret{}};
    options_.creds = aws::fixed_credentials(creds_, "the test");
    const auto parsed = aws::parse_endpoint(endpoint_);
    ASSERT_TRUE(parsed) << parsed.error();
    proto::address_terms terms;
    terms.custom = *parsed;
    const auto where = proto::address_bucket(options_.bucket, options_.region, terms);
    ASSERT_TRUE(where) << where.error();
    writer_ =
        std::make_unique<bucket_writer>(loop_.get_executor(), *where, options_.region, creds_);
    const auto created = await_on(loop_, writer_->create_bucket());
    ASSERT_EQ(created.status, 200U) << created.words;
    s3_ = std::make_unique<client>(loop_.get_executor(), options_);
  }

  void put(const std::string& key, std::string_view body) {
    const auto written = await_on(loop_, writer_->put(key, body));
    ASSERT_EQ(written.status, 200U) << key << ": " << written.words;
  }

  /// Every object, through as many pages as `max_keys` makes of them.
  std::vector<object_summary> list_all(const std::string& prefix, int max_keys, int& pages) {
    std::vector<object_summary> out;
    list_position from;
    pages = 0;
    do {
      auto page = await_on(loop_, s3_->list_objects_v2(prefix, from, max_keys));
      EXPECT_TRUE(page) << page.error().text();
      if (!page) return out;
      ++pages;
      out.insert(out.end(), page->objects.begin(), page->objects.end());
      from = page->next;
    } while (!from.empty());
    return out;
  }

  result<std::string> get(const std::string& key, const std::string& if_match = "",
                          std::int64_t first_byte = 0) {
    auto object = await_on(loop_, s3_->get_object(key, if_match, first_byte));
    if (!object) return object.error();
    std::string out;
    for (;;) {
      const auto piece = await_on(loop_, object->read());
      if (!piece) return piece.error();
      if (piece->empty()) return out;
      out += as_text(*piece);
    }
  }

  asio::io_context loop_;
  std::string endpoint_;
  credentials creds_;
  client_options options_;
  std::unique_ptr<bucket_writer> writer_;
  std::unique_ptr<client> s3_;
};

/// 1,024 bytes, in segments that also fit a file system.
std::string longest_key() {
  std::string key;
  while (key.size() < 1024) key += std::string(127, 'k') + '/';
  key.back() = 'z';
  return key;
}

TEST_F(real_s3, lists_and_reads_back_hard_keys) {
  const std::vector<std::string> keys{
      "plain.gz",
      "with space",
      " leading and trailing ",
      "plus+and%percent%2Bencoded",
      "question?mark=1&amp;",
      "hash#fragment",
      "quotes\"'<>",
      "semi;colon:comma,at@equals=dollar$star*paren()bang!",
      "back\\slash^tilde~pipe|braces{}[]`",
      "unicode/\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9\xe4\xb8\xad",
      "combining/e\xcc\x81",
      "tab\tand\x01control",
      "a//b",
      "/leading/slash",
      "trailing/slash/",
      "dots/..gz/...",
      longest_key(),
  };
  // MinIO keeps keys as paths of a file system: it refuses an empty segment, and drops a first one.
  const std::set<std::string> may_be_refused{"a//b"};
  const std::set<std::string> may_be_renamed{"/leading/slash"};
  std::map<std::string, std::string> written;
  for (const auto& key : keys) {
    const auto body = key.ends_with('/') ? std::string{} : "body of " + key;
    const auto outcome = await_on(loop_, writer_->put(key, body));
    if (outcome.status == 200) {
      written.emplace(key, body);
    } else {
      EXPECT_TRUE(may_be_refused.contains(key)) << key << ": " << outcome.words;
      std::cout << "the server refuses the key \"" << key << "\"\n";
    }
  }
  int pages = 0;
  std::set<std::string> listed;
  for (const auto& object : list_all("", 1000, pages)) {
    listed.insert(object.key);
    EXPECT_FALSE(object.etag.empty());
    EXPECT_EQ(object.etag.find('"'), std::string::npos);
    EXPECT_GT(object.last_modified.time_since_epoch(), std::chrono::hours{24 * 365 * 50});
  }
  for (const auto& [key, body] : written) {
    if (listed.erase(key) == 0) {
      EXPECT_TRUE(may_be_renamed.contains(key) && listed.erase(key.substr(1)) == 1)
          << "not listed: " << key;
      std::cout << "the server renames the key \"" << key << "\"\n";
    }
    const auto got = get(key);
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_EQ(*got, body);
  }
  EXPECT_TRUE(listed.empty()) << "listed, but never written: " << *listed.begin();
}

asio::awaitable<void> put_every(bucket_writer& writer, int first, int step, int count,
                                int& written) {
  const std::string body = "x";
  for (int i = first; i < count; i += step) {
    std::string key = "many/" + std::to_string(10'000 + i);
    const auto outcome = co_await writer.put(std::move(key), body);
    if (outcome.status == 200) ++written;
  }
}

TEST_F(real_s3, lists_more_objects_than_fit_on_a_page) {
  constexpr int count = 1'050;
  constexpr int writers = 8;
  put("another/prefix", "y");
  int written = 0;
  for (int i = 0; i < writers; ++i) {
    asio::co_spawn(loop_, put_every(*writer_, i, writers, count, written), asio::detached);
  }
  loop_.restart();
  loop_.run();
  ASSERT_EQ(written, count);
  int pages = 0;
  const auto objects = list_all("many/", 1000, pages);
  EXPECT_EQ(pages, 2);
  ASSERT_EQ(objects.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(objects[static_cast<std::size_t>(i)].key, "many/" + std::to_string(10'000 + i));
  }
  const auto small = list_all("many/", 100, pages);
  EXPECT_EQ(pages, 11);
  EXPECT_EQ(small.size(), objects.size());
  const bool kept = environment("INGESTOR_TEST_S3_KEEPS_CONNECTIONS", "1") == "1";
  EXPECT_EQ(s3_->connections().connected, kept ? 1U : 13U) << "13 pages in all";
}

TEST_F(real_s3, streams_64_mib_in_bounded_pieces) {
  std::string body(std::size_t{64} * 1024 * 1024, '\0');
  std::uint32_t state = 1;
  for (char& c : body) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>(state >> 24U);
  }
  put("large", body);
  auto object = await_on(loop_, s3_->get_object("large", ""));
  ASSERT_TRUE(object) << object.error().text();
  EXPECT_EQ(object->content_length(), static_cast<std::int64_t>(body.size()));
  std::size_t at = 0;
  for (;;) {
    const auto piece = await_on(loop_, object->read());
    ASSERT_TRUE(piece) << piece.error().text();
    if (piece->empty()) break;
    ASSERT_LE(piece->size(), options_.piece_bytes);
    ASSERT_LE(at + piece->size(), body.size());
    ASSERT_EQ(as_text(*piece), std::string_view{body}.substr(at, piece->size())) << at;
    at += piece->size();
  }
  EXPECT_EQ(at, body.size());
  const auto tail = get("large", "", static_cast<std::int64_t>(body.size()) - 10);
  ASSERT_TRUE(tail) << tail.error().text();
  EXPECT_EQ(*tail, body.substr(body.size() - 10));
}

TEST_F(real_s3, reads_an_empty_object) {
  put("empty", "");
  const auto got = get("empty");
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(*got, "");
  int pages = 0;
  const auto objects = list_all("", 1000, pages);
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].size, 0);
}

TEST_F(real_s3, refuses_another_version_than_the_listed_one) {
  put("overwritten", "first");
  int pages = 0;
  const auto before = list_all("", 1000, pages);
  ASSERT_EQ(before.size(), 1U);
  const auto same = get("overwritten", before[0].etag);
  ASSERT_TRUE(same) << same.error().text();
  EXPECT_EQ(*same, "first");
  put("overwritten", "second");
  const auto other = get("overwritten", before[0].etag);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, error_kind::precondition_failed) << other.error().text();
}

TEST_F(real_s3, says_that_a_key_or_a_bucket_is_missing) {
  ASSERT_TRUE(await_on(loop_, s3_->check_bucket()));
  const auto no_key = get("absent/key");
  ASSERT_FALSE(no_key);
  EXPECT_EQ(no_key.error().kind, error_kind::no_such_key);
  EXPECT_EQ(no_key.error().code, "NoSuchKey");
  auto elsewhere = options_;
  elsewhere.bucket = "absent-" + options_.bucket;
  client absent{loop_.get_executor(), elsewhere};
  const auto no_bucket = await_on(loop_, absent.check_bucket());
  ASSERT_FALSE(no_bucket);
  EXPECT_EQ(no_bucket.error().kind, error_kind::no_such_bucket);
  EXPECT_NE(no_bucket.error().text().find(elsewhere.bucket), std::string::npos);
}

TEST_F(real_s3, says_which_half_of_the_credentials_is_wrong) {
  if (environment("INGESTOR_TEST_S3_VERIFIES_SIGNATURES") != "1") {
    GTEST_SKIP() << "INGESTOR_TEST_S3_VERIFIES_SIGNATURES is not 1";
  }
  auto wrong_secret = options_;
  wrong_secret.creds = aws::fixed_credentials(
      {creds_.access_key_id, secret{"not the secret"}, secret{}}, "the test");
  client one{loop_.get_executor(), wrong_secret};
  const auto unsigned_well = await_on(loop_, one.check_bucket());
  ASSERT_FALSE(unsigned_well);
  EXPECT_EQ(unsigned_well.error().kind, error_kind::access_denied);
  EXPECT_EQ(unsigned_well.error().remedy(), "check AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(unsigned_well.error().text().find("not the secret"), std::string::npos);
  auto wrong_id = options_;
  wrong_id.creds =
      aws::fixed_credentials({"NOBODY", creds_.secret_access_key, secret{}}, "the test");
  client other{loop_.get_executor(), wrong_id};
  const auto unknown = await_on(loop_, other.check_bucket());
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().remedy(), "check AWS_ACCESS_KEY_ID");
}

}  // namespace
}  // namespace ingestor::s3
