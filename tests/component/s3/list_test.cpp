#include "client_fixture.hpp"

#include <atomic>

namespace ingestor::s3 {
namespace {

TEST_F(s3_client, signs_what_it_sends) {
  std::string seen;
  scripted_server server{[&](peer& p, int) {
    seen = p.read_request();
    p.answer(one_page());
  }};
  auto with_token = options(server);
  with_token.creds = keys("AKIDEXAMPLE", "wJalrXUtnFEMI", "session");
  client s3{loop_.get_executor(), with_token};
  ASSERT_TRUE(await_on(loop_, s3.check_bucket()));
  EXPECT_TRUE(seen.starts_with("GET /logs?encoding-type=url&list-type=2&max-keys=1 HTTP/1.1\r\n"))
      << seen;
  EXPECT_NE(seen.find("\r\nhost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"),
            std::string::npos);
  EXPECT_NE(seen.find("\r\nx-amz-security-token: session\r\n"), std::string::npos);
  EXPECT_NE(seen.find("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"),
            std::string::npos);
  EXPECT_EQ(seen.find("wJalrXUtnFEMI"), std::string::npos);
}

TEST_F(s3_client, repeats_a_listing_that_fails_for_a_passing_reason) {
  scripted_server server{[](peer& p, int connection) {
    p.read_request();
    if (connection == 1) return;  // closes without a word
    p.send(error_answer("503 Slow Down", "SlowDown"));
    p.read_request();
    p.answer("<Error><Code>InternalError</Code></Error>");
    p.read_request();
    p.answer(one_page());
  }};
  client s3{loop_.get_executor(), options(server)};
  const auto page = list(s3);
  ASSERT_TRUE(page) << page.error().text();
  EXPECT_EQ(outcomes_, (std::vector<std::string>{"ListObjectsV2 connection", "ListObjectsV2 503",
                                                 "ListObjectsV2 server", "ListObjectsV2 200"}));
}

TEST_F(s3_client, gives_up_after_the_policy_s_attempts) {
  std::atomic<int> requests = 0;
  scripted_server server{[&](peer& p, int) {
    while (!p.read_request().empty()) {
      ++requests;
      p.send(error_answer("500 Internal Server Error", "InternalError"));
    }
  }};
  client s3{loop_.get_executor(), options(server)};
  const auto page = list(s3);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, error_kind::server);
  EXPECT_EQ(page.error().message, "Words.");
  EXPECT_EQ(requests, 4);
}

TEST_F(s3_client, does_not_repeat_what_will_not_heal) {
  std::atomic<int> requests = 0;
  scripted_server server{[&](peer& p, int) {
    while (!p.read_request().empty()) {
      ++requests;
      p.send(error_answer("403 Forbidden", "SignatureDoesNotMatch", "x-amz-request-id: R7\r\n"));
    }
  }};
  client s3{loop_.get_executor(), options(server)};
  const auto page = list(s3);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, error_kind::access_denied);
  EXPECT_EQ(page.error().request_id, "R7");
  EXPECT_EQ(page.error().remedy(), "check AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(requests, 1);
}

TEST_F(s3_client, refuses_a_listing_that_repeats_its_token) {
  scripted_server server{[](peer& p, int) {
    while (!p.read_request().empty()) {
      p.answer(
          one_page("<IsTruncated>true</IsTruncated>"
                   "<NextContinuationToken>again</NextContinuationToken>"));
    }
  }};
  client s3{loop_.get_executor(), options(server)};
  const auto first = list(s3);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->next.token, "again");
  const auto second = list(s3, first->next);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, error_kind::protocol);
}

TEST_F(s3_client, refuses_a_listing_that_goes_in_a_circle) {
  std::atomic<int> requests = 0;
  scripted_server server{[&](peer& p, int) {
    while (!p.read_request().empty()) {
      const std::string name = requests++ % 2 == 0 ? "a" : "b";
      p.answer(one_page("<Contents><Key>" + name +
                        "</Key><LastModified>2009-10-12T17:50:30Z</LastModified><ETag>e</ETag>"
                        "<Size>1</Size></Contents><IsTruncated>true</IsTruncated>"
                        "<NextContinuationToken>behind " +
                        name + "</NextContinuationToken>"));
    }
  }};
  client s3{loop_.get_executor(), options(server)};
  auto page = list(s3);
  for (int pages = 0; page && pages < 10; ++pages) page = list(s3, page->next);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, error_kind::protocol);
  EXPECT_FALSE(page.error().transient());
  EXPECT_EQ(requests, 3) << page.error().text();
}

TEST_F(s3_client, does_not_follow_redirects) {
  scripted_server elsewhere{[](peer& p, int) { p.read_request(); }};
  scripted_server server{[&](peer& p, int) {
    while (!p.read_request().empty()) {
      p.send(error_answer(
          "307 Temporary Redirect", "TemporaryRedirect",
          "Location: " + elsewhere.url() + "/logs\r\nx-amz-bucket-region: eu-west-3\r\n"));
    }
  }};
  client s3{loop_.get_executor(), options(server)};
  const auto page = list(s3);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, error_kind::redirect);
  EXPECT_EQ(page.error().remedy(), "set AWS_REGION=eu-west-3");
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST_F(s3_client, reads_a_chunked_listing_byte_by_byte) {
  const auto body = one_page();
  scripted_server server{[&](peer& p, int) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char c : body) p.send(std::string{"1;x=y\r\n"} + c + "\r\n");
    p.send("0\r\nTrailer: x\r\n\r\n");
    p.read_request();
    p.answer(one_page());
  }};
  client s3{loop_.get_executor(), options(server)};
  ASSERT_TRUE(list(s3));
  ASSERT_TRUE(list(s3));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(s3_client, bounds_what_it_reads_of_a_listing_and_of_an_error) {
  const std::string padding(std::size_t{1024} * 1024, ' ');
  scripted_server server{[&](peer& p, int connection) {
    p.read_request();
    const bool listing = connection == 1;
    p.send(listing ? "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                   : "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 32; ++i) p.send(padding);
  }};
  client s3{loop_.get_executor(), options(server)};
  const auto endless = list(s3);
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().kind, error_kind::protocol);
  EXPECT_NE(endless.error().message.find("8388608"), std::string::npos) << endless.error().text();
  const auto denied = list(s3);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind, error_kind::access_denied);
}

TEST_F(s3_client, asks_nobody_with_settings_that_cannot_work) {
  scripted_server server{[](peer&, int) {}};
  auto bad_endpoint = options(server);
  bad_endpoint.endpoint = "127.0.0.1:9000";
  auto bad_bucket = options(server);
  bad_bucket.bucket = "a/b";
  auto bad_bundle = options(server);
  bad_bundle.endpoint = "https://127.0.0.1";
  bad_bundle.ca_bundle = "/does/not/exist.pem";
  const std::vector<std::pair<client_options, std::string>> unusable{
      {bad_endpoint, "AWS_ENDPOINT"}, {bad_bucket, "AWS_S3_BUCKET"}, {bad_bundle, "AWS_CA_BUNDLE"}};
  for (const auto& [wrong, variable] : unusable) {
    client s3{loop_.get_executor(), wrong};
    const auto opened = get(s3);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, error_kind::configuration);
    EXPECT_NE(opened.error().text().find(variable), std::string::npos) << opened.error().text();
  }
  EXPECT_EQ(server.connections(), 0);
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(s3_client, names_the_endpoint_that_nobody_answers_at) {
  std::string gone;
  {
    scripted_server server{[](peer&, int) {}};
    gone = server.url();
  }
  scripted_server other{[](peer&, int) {}};
  auto unreachable = options(other);
  unreachable.endpoint = gone;
  client s3{loop_.get_executor(), unreachable};
  const auto page = list(s3);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, error_kind::connection);
  EXPECT_NE(page.error().message.find("refused"), std::string::npos) << page.error().text();
  EXPECT_NE(page.error().remedy().find(gone), std::string::npos);
  EXPECT_EQ(outcomes_.size(), 4U);
}

}  // namespace
}  // namespace ingestor::s3
