// An HTTP client whose server is a script.
#pragma once

#include "await_on.hpp"
#include "http/client.hpp"
#include "http/tls_context.hpp"
#include "scripted_peer.hpp"
#include "temporary_file.hpp"
#include "test_certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace ingestor::http {

using testing_support::await_on;
using testing_support::peer;
using testing_support::scripted_server;

/// Certificates of one server, and a context that trusts them.
struct trusted_server {
  explicit trusted_server(const std::string& names)
      : certificate{testing_support::make_certificate(names)},
        context{testing_support::server_context(certificate)},
        bundle{certificate.certificate_pem} {}

  std::shared_ptr<boost::asio::ssl::context> trusting() const { return *client_tls(bundle.path()); }

  testing_support::test_certificate certificate;
  boost::asio::ssl::context context;
  testing_support::temporary_file bundle;
};

class http_client : public testing::Test {
 protected:
  static origin at(const scripted_server& server, bool tls = false) {
    return {tls, "127.0.0.1", server.port()};
  }

  static client_options options(origin where) {
    client_options out;
    out.pool.where = std::move(where);
    out.pool.connect_timeout = std::chrono::milliseconds{3000};
    out.first_byte_timeout = std::chrono::milliseconds{3000};
    out.body.stall_timeout = std::chrono::milliseconds{3000};
    return out;
  }

  result<client_response> ask(client& of, std::string method = "GET") {
    client_request request;
    request.method = std::move(method);
    request.target = "/what";
    request.headers = {{"Host", "the.host"}};
    return await_on(loop_, of.send(std::move(request)));
  }

  result<std::string> body(client_response& answer) {
    return await_on(loop_, read_all(answer, std::size_t{16} * 1024 * 1024));
  }

  /// One request's whole answer.
  result<std::string> fetch(client& of) {
    auto answer = ask(of);
    if (!answer) return answer.error();
    return body(*answer);
  }

  /// The same, in words.
  std::string told(client& of) {
    const auto got = fetch(of);
    return got ? *got : "(" + got.error().message + ")";
  }

  void let_pass(std::chrono::milliseconds time) {
    loop_.restart();
    loop_.run_for(time);
  }

  boost::asio::io_context loop_;
};

}  // namespace ingestor::http
