#include "aws/proto/sigv4.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ingestor::aws {
namespace {

const signing_scope scope{"us-east-1", "s3",
                          std::chrono::sys_days{std::chrono::year{2013} / 5 / 24}};

credentials example_credentials() {
  return {"AKIAIOSFODNN7EXAMPLE", secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, secret{}};
}

std::string header(const unsigned_request& request, std::string_view name) {
  const auto found = std::find_if(request.headers.begin(), request.headers.end(),
                                  [&](const name_value& h) { return h.first == name; });
  return found == request.headers.end() ? "(none)" : found->second;
}

// Amazon S3 API Reference, "Signature Calculations for the Authorization Header", first example.
TEST(sign_for_s3, gives_the_documented_signature_of_get_object) {
  unsigned_request request{
      "GET", "/test.txt", {}, {{"Host", "examplebucket.s3.amazonaws.com"}, {"Range", "bytes=0-9"}}};
  sign_for_s3(request, empty_payload_sha256, example_credentials(), scope);
  EXPECT_EQ(header(request, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

// The same chapter, "GET Bucket (List Objects)".
TEST(sign_for_s3, gives_the_documented_signature_of_a_listing) {
  unsigned_request request{"GET",
                           "/",
                           {{"max-keys", "2"}, {"prefix", "J"}},
                           {{"Host", "examplebucket.s3.amazonaws.com"}}};
  sign_for_s3(request, empty_payload_sha256, example_credentials(), scope);
  EXPECT_TRUE(header(request, "authorization")
                  .ends_with("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(sign_for_s3, adds_the_session_token_and_signs_it) {
  auto creds = example_credentials();
  creds.session_token = secret{"a token"};
  unsigned_request request{"GET", "/", {}, {{"host", "h"}}};
  sign_for_s3(request, unsigned_payload, creds, scope);
  EXPECT_EQ(header(request, "x-amz-security-token"), "a token");
  EXPECT_EQ(header(request, "x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
  EXPECT_NE(header(request, "authorization").find("x-amz-date;x-amz-security-token,"),
            std::string::npos);
}

TEST(sign_for_s3, leaves_the_path_as_it_is) {
  unsigned_request request{"GET", "/b//a/./../%41+ é", {}, {{"host", "h"}}};
  const auto canonical = canonical_request(request, empty_payload_sha256, path_rule::verbatim);
  EXPECT_TRUE(canonical.starts_with("GET\n/b//a/./../%2541%2B%20%C3%A9\n\n")) << canonical;
  EXPECT_EQ(target_of(request), "/b//a/./../%2541%2B%20%C3%A9");
}

TEST(target_of, orders_and_encodes_the_query_as_it_is_signed) {
  const unsigned_request request{"GET", "/", {{"prefix", "a/b c"}, {"list-type", "2"}}, {}};
  EXPECT_EQ(target_of(request), "/?list-type=2&prefix=a%2Fb%20c");
}

TEST(empty_payload, is_the_hash_of_nothing) {
  EXPECT_EQ(sha256_hex(""), empty_payload_sha256);
}

}  // namespace
}  // namespace ingestor::aws
