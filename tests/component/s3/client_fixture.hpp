// A client of S3 whose endpoint is a scripted server.
#pragma once

#include "await_on.hpp"
#include "s3/client.hpp"
#include "scripted_peer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace ingestor::s3 {

using testing_support::await_on;
using testing_support::peer;
using testing_support::scripted_server;

inline std::string one_page(std::string_view inside = "<IsTruncated>false</IsTruncated>") {
  return "<ListBucketResult>" + std::string{inside} + "</ListBucketResult>";
}

inline std::string error_answer(std::string_view status, std::string_view code,
                                std::string_view more = "") {
  const auto body =
      "<Error><Code>" + std::string{code} + "</Code><Message>Words.</Message></Error>";
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string{more} + "\r\n" + body;
}

/// On the first connection a second answer is there before anybody asked.
inline void answers_once_too_often(peer& p, int connection) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nETag: \"e\"\r\n\r\n";
  p.read_request();
  p.send(answer + "body");
  if (connection == 1) p.send(answer + "evil");
  p.sees_close();
}

class s3_client : public testing::Test {
 protected:
  static std::shared_ptr<aws::credentials_source> keys(std::string id, std::string secret_key,
                                                       std::string session_token = "") {
    credentials out{std::move(id), secret{std::move(secret_key)}, secret{std::move(session_token)}};
    return aws::fixed_credentials(std::move(out), "the test");
  }

  client_options options(const scripted_server& at) {
    client_options out;
    out.bucket = "logs";
    out.region = "us-east-1";
    out.endpoint = at.url();
    out.creds = keys("AKIDEXAMPLE", "wJalrXUtnFEMI");
    out.connect_timeout = std::chrono::milliseconds{3000};
    out.first_byte_timeout = std::chrono::milliseconds{3000};
    out.stall_timeout = std::chrono::milliseconds{3000};
    out.retry.attempts_max = 4;
    out.retry.backoff_base = std::chrono::milliseconds{2};
    out.retry.backoff_max = std::chrono::milliseconds{5};
    out.on_request = [this](const request_outcome& outcome) {
      outcomes_.push_back(std::string{outcome.operation} + ' ' + outcome.code);
    };
    return out;
  }

  result<list_page> list(client& of, list_position from = {}) {
    return await_on(loop_, of.list_objects_v2("", std::move(from)));
  }

  result<object_stream> get(client& of, std::string key = "k", std::string if_match = "",
                            std::int64_t first_byte = 0) {
    return await_on(loop_, of.get_object(std::move(key), std::move(if_match), first_byte));
  }

  /// The rest of the body, or the error that ends it.
  result<std::string> drain(object_stream& stream) {
    std::string out;
    for (;;) {
      const auto piece = await_on(loop_, stream.read());
      if (!piece) return piece.error();
      if (piece->empty()) return out;
      out += as_text(*piece);
    }
  }

  std::string body_of(object_stream& stream) {
    const auto body = drain(stream);
    return body ? *body : "(" + body.error().text() + ")";
  }

  /// Of a server that answers_once_too_often.
  void expect_no_answer_but_its_own(client_options asking) {
    client s3{loop_.get_executor(), std::move(asking)};
    for (int i = 0; i < 2; ++i) {
      auto object = get(s3);
      ASSERT_TRUE(object) << object.error().text();
      EXPECT_EQ(body_of(*object), "body");
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }

  boost::asio::io_context loop_;
  std::vector<std::string> outcomes_;
};

}  // namespace ingestor::s3
