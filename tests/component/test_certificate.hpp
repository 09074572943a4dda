// A self-signed certificate for a test's server, made anew for each.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace ingestor::testing_support {

struct test_certificate {
  std::string certificate_pem;
  std::string key_pem;
};

/// `subject_alt_name` as OpenSSL writes it: "IP:127.0.0.1,DNS:localhost".
test_certificate make_certificate(const std::string& subject_alt_name);

/// A server's context that presents it.
boost::asio::ssl::context server_context(const test_certificate& certificate);

}  // namespace ingestor::testing_support
