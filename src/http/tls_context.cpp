#include "http/tls_context.hpp"

#include "http/tls_sessions.hpp"

#include <openssl/ssl.h>

namespace ingestor::http {

namespace ssl = boost::asio::ssl;

result<std::shared_ptr<ssl::context>> client_tls(const std::string& ca_bundle) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(ssl::verify_peer);
  tls_sessions::enable(context->native_handle());
  boost::system::error_code failed;
  if (ca_bundle.empty()) {
    context->set_default_verify_paths(failed);
  } else {
    context->load_verify_file(ca_bundle, failed);
  }
  if (failed) {
    const auto what = ca_bundle.empty() ? std::string{"the system's certificate authorities"}
                                        : "the CA bundle \"" + ca_bundle + '"';
    return error{error_kind::configuration,
                 what + " cannot be read as PEM certificates: " + failed.message()};
  }
  return context;
}

}  // namespace ingestor::http
