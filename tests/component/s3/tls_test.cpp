#include "client_fixture.hpp"
#include "temporary_file.hpp"
#include "test_certificate.hpp"

#include <gmock/gmock.h>

namespace ingestor::s3 {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::make_certificate;
using testing_support::server_context;
using testing_support::temporary_file;

class s3_client_tls : public s3_client {
 protected:
  /// What a client does that trusts `bundle` and meets a server named `names`.
  result<object_stream> get_from(const std::string& names, bool trusted,
                                 const std::string& host = "127.0.0.1") {
    const auto certificate = make_certificate(names);
    auto context = server_context(certificate);
    const temporary_file bundle{certificate.certificate_pem};
    scripted_server server{[&](peer& p, int) {
                             p.read_request();
                             p.answer(body_, "ETag: \"e\"\r\n");
                           },
                           &context};
    auto secured = options(server);
    secured.endpoint = "https://" + host + ':' + std::to_string(server.port());
    if (trusted) secured.ca_bundle = bundle.path();
    client s3{loop_.get_executor(), secured};
    auto object = get(s3);
    if (object) got_ = body_of(*object);
    connections_ = server.connections();
    return object;
  }

  std::string body_ = std::string(300'000, 'x');
  std::string got_;
  int connections_ = 0;
};

TEST_F(s3_client_tls, reads_through_a_verified_certificate) {
  const auto by_address = get_from("IP:127.0.0.1", true);
  ASSERT_TRUE(by_address) << by_address.error().text();
  EXPECT_EQ(got_, body_);
  const auto by_name = get_from("DNS:localhost", true, "localhost");
  ASSERT_TRUE(by_name) << by_name.error().text();
}

TEST_F(s3_client_tls, refuses_a_certificate_that_nobody_vouches_for) {
  const auto object = get_from("IP:127.0.0.1", false);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, error_kind::authority);
  EXPECT_THAT(object.error().message, HasSubstr("not trusted: self-signed certificate"));
  EXPECT_THAT(object.error().remedy(), HasSubstr("AWS_CA_BUNDLE"));
  EXPECT_EQ(connections_, 1) << "asking again would change nothing";
}

TEST_F(s3_client_tls, refuses_a_trusted_certificate_of_another_host) {
  const auto by_address = get_from("DNS:elsewhere.example,IP:127.0.0.2", true);
  ASSERT_FALSE(by_address);
  EXPECT_EQ(by_address.error().kind, error_kind::certificate);
  EXPECT_THAT(by_address.error().message, HasSubstr("not trusted: IP address mismatch"));
  EXPECT_THAT(by_address.error().remedy(), HasSubstr("AWS_ENDPOINT"));
  EXPECT_THAT(by_address.error().remedy(), Not(HasSubstr("AWS_CA_BUNDLE")));
  EXPECT_EQ(connections_, 1) << "asking again would change nothing";
  const auto by_name = get_from("DNS:elsewhere.example,IP:127.0.0.1", true, "localhost");
  ASSERT_FALSE(by_name);
  EXPECT_THAT(by_name.error().message, HasSubstr("not trusted: hostname mismatch"));
}

TEST_F(s3_client_tls, drops_a_connection_that_is_out_of_step) {
  const auto certificate = make_certificate("IP:127.0.0.1");
  auto context = server_context(certificate);
  const temporary_file bundle{certificate.certificate_pem};
  scripted_server server{answers_once_too_often, &context};
  auto secured = options(server);
  secured.ca_bundle = bundle.path();
  expect_no_answer_but_its_own(secured);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(s3_client_tls, keeps_its_connection) {
  const auto certificate = make_certificate("IP:127.0.0.1");
  auto context = server_context(certificate);
  const temporary_file bundle{certificate.certificate_pem};
  scripted_server server{[](peer& p, int) {
                           while (!p.read_request().empty()) p.answer("body", "ETag: \"e\"\r\n");
                         },
                         &context};
  auto secured = options(server);
  secured.ca_bundle = bundle.path();
  client s3{loop_.get_executor(), secured};
  for (int i = 0; i < 5; ++i) {
    auto object = get(s3);
    ASSERT_TRUE(object) << object.error().text();
    EXPECT_EQ(body_of(*object), "body");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(s3_client_tls, never_takes_a_cut_tls_stream_for_the_end) {
  const auto certificate = make_certificate("IP:127.0.0.1");
  auto context = server_context(certificate);
  const temporary_file bundle{certificate.certificate_pem};
  scripted_server server{
      [](peer& p, int) {
        p.read_request();
        p.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e\"\r\n\r\nshort");
      },
      &context};
  auto secured = options(server);
  secured.ca_bundle = bundle.path();
  client s3{loop_.get_executor(), secured};
  auto object = get(s3);
  ASSERT_TRUE(object);
  const auto body = drain(*object);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, error_kind::connection);
}

TEST_F(s3_client_tls, says_that_a_plain_server_does_not_speak_tls) {
  scripted_server server{[](peer& p, int) {
    p.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    p.sees_close();
  }};
  auto secured = options(server);
  secured.endpoint = "https://127.0.0.1:" + std::to_string(server.port());
  secured.retry.attempts_max = 1;
  client s3{loop_.get_executor(), secured};
  const auto object = get(s3);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, error_kind::connection);
  EXPECT_NE(object.error().message.find("TLS"), std::string::npos);
}

}  // namespace
}  // namespace ingestor::s3
