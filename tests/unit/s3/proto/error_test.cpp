#include "s3/proto/error_response.hpp"

#include <gtest/gtest.h>

namespace ingestor::s3::proto {
namespace {

error about_get() {
  error about;
  about.operation = "GetObject";
  about.bucket = "logs";
  about.key = "a/b.gz";
  about.endpoint = "http://127.0.0.1:9000";
  return about;
}

std::string document(std::string_view code, std::string_view more = "") {
  return "<Error><Code>" + std::string{code} + "</Code><Message>Words.</Message>" +
         std::string{more} + "</Error>";
}

TEST(read_error, goes_by_the_code_before_the_status) {
  const auto kind = [](int status, std::string_view code) {
    return read_error(about_get(), {.status = status}, document(code)).kind;
  };
  EXPECT_EQ(kind(404, "NoSuchBucket"), error_kind::no_such_bucket);
  EXPECT_EQ(kind(404, "NoSuchKey"), error_kind::no_such_key);
  EXPECT_EQ(kind(403, "SignatureDoesNotMatch"), error_kind::access_denied);
  EXPECT_EQ(kind(403, "InvalidObjectState"), error_kind::archived);
  EXPECT_EQ(kind(400, "ExpiredToken"), error_kind::credentials);
  EXPECT_EQ(kind(400, "RequestTimeout"), error_kind::timeout);
  EXPECT_EQ(kind(400, "AuthorizationHeaderMalformed"), error_kind::redirect);
  EXPECT_EQ(kind(503, "SlowDown"), error_kind::throttled);
  EXPECT_EQ(kind(500, "InternalError"), error_kind::server);
}

TEST(read_error, falls_back_to_the_status_where_the_body_says_nothing) {
  const auto kind = [](int status) {
    return read_error(about_get(), {.status = status}, "<html>Bad Gateway</html>").kind;
  };
  EXPECT_EQ(kind(301), error_kind::redirect);
  EXPECT_EQ(kind(307), error_kind::redirect);
  EXPECT_EQ(kind(403), error_kind::access_denied);
  EXPECT_EQ(kind(404), error_kind::no_such_key);
  EXPECT_EQ(kind(412), error_kind::precondition_failed);
  EXPECT_EQ(kind(429), error_kind::throttled);
  EXPECT_EQ(kind(502), error_kind::server);
  EXPECT_EQ(kind_of(404, "", false), error_kind::no_such_bucket);
}

TEST(read_error, keeps_s3s_own_words) {
  const auto e = read_error(about_get(), {.status = 403, .request_id = "R1", .retry_after = "7"},
                            document("AccessDenied"));
  EXPECT_EQ(e.code, "AccessDenied");
  EXPECT_EQ(e.message, "Words.");
  EXPECT_EQ(e.request_id, "R1");
  EXPECT_EQ(e.retry_after, std::chrono::seconds{7});
  EXPECT_EQ(e.text(),
            "S3 GetObject of s3://logs/a/b.gz at http://127.0.0.1:9000 failed with HTTP 403 "
            "AccessDenied: Words. (request R1)");
  EXPECT_EQ(e.remedy(), "grant s3:GetObject on arn:aws:s3:::logs/*");
}

TEST(read_error, takes_the_reason_phrase_where_there_is_nothing_else) {
  const auto e = read_error(
      about_get(),
      {.status = 502, .reason = "Bad Gateway", .retry_after = "Wed, 21 Oct 2015 07:28:00 GMT"}, "");
  EXPECT_EQ(e.message, "Bad Gateway");
  EXPECT_FALSE(e.retry_after);
}

TEST(read_error, knows_where_the_bucket_is) {
  const auto header = read_error(about_get(), {.status = 301, .bucket_region = "eu-west-1"}, "");
  EXPECT_EQ(header.remedy(), "set AWS_REGION=eu-west-1");
  const auto body =
      read_error(about_get(), {.status = 400},
                 document("AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>"));
  EXPECT_EQ(body.remedy(), "set AWS_REGION=eu-central-1");
}

TEST(error_remedy, names_the_setting_to_look_at) {
  auto e = about_get();
  e.kind = error_kind::access_denied;
  e.code = "SignatureDoesNotMatch";
  EXPECT_EQ(e.remedy(), "check AWS_SECRET_ACCESS_KEY");
  e.code = "InvalidAccessKeyId";
  EXPECT_EQ(e.remedy(), "check AWS_ACCESS_KEY_ID");
  e.code = "AccessDenied";
  e.operation = "ListObjectsV2";
  EXPECT_EQ(e.remedy(), "grant s3:ListBucket on arn:aws:s3:::logs");
  e.kind = error_kind::connection;
  EXPECT_NE(e.remedy().find("http://127.0.0.1:9000"), std::string::npos);
}

error denied(std::string operation) {
  error out;
  out.kind = error_kind::access_denied;
  out.operation = std::move(operation);
  out.bucket = "logs";
  return out;
}

TEST(error_remedy, names_the_resource_as_its_partition_does) {
  auto e = denied("ListObjectsV2");
  e.partition = "aws-cn";
  EXPECT_EQ(e.remedy(), "grant s3:ListBucket on arn:aws-cn:s3:::logs");
}

TEST(error_remedy, thinks_of_buckets_whose_readers_pay) {
  auto e = denied("GetObject");
  e.code = "AccessDenied";
  const std::string variable = "INGESTOR_REQUESTER_PAYS=on";
  EXPECT_EQ(e.remedy().find(variable), std::string::npos);
  e.endpoint = "https://logs.s3.eu-west-1.amazonaws.com";
  EXPECT_NE(e.remedy().find(variable), std::string::npos);
  e.requester_pays = true;
  EXPECT_EQ(e.remedy().find(variable), std::string::npos);
}

TEST(error_remedy, is_there_for_every_kind) {
  for (int kind = 0; kind <= static_cast<int>(error_kind::cancelled); ++kind) {
    auto e = about_get();
    e.kind = static_cast<error_kind>(kind);
    EXPECT_FALSE(e.remedy().empty()) << kind;
    EXPECT_NE(name_of(e.kind), "unknown") << kind;
  }
}

TEST(error_text, stays_one_bounded_line_whatever_the_server_says) {
  auto e = about_get();
  e.key = "line\nfeed\x1b[31m";
  e.message = std::string(100'000, 'x') + "\r\n";
  const auto text = e.text();
  EXPECT_LT(text.size(), 3000U);
  EXPECT_EQ(text.find_first_of("\n\r\x1b"), std::string::npos);
}

}  // namespace
}  // namespace ingestor::s3::proto
