#include "pg/tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <system_error>

namespace ingestor::pg {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

error configuration(std::string message) {
  ERR_clear_error();
  return make_error(error_category::configuration, std::move(message));
}

bool is_ip_address(const std::string& host) {
  error_code no;
  boost::asio::ip::make_address(host, no);
  return !no;
}

bool is_missing(const std::string& file) {
  std::error_code unknown;
  return file != "system" && !std::filesystem::exists(file, unknown) && !unknown;
}

}  // namespace

result<std::unique_ptr<ssl::context>> make_tls_context(const connection_options& options) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  const auto& authorities = options.sslrootcert;
  if (authorities.empty() || (options.sslmode < ssl_mode::verify_ca && is_missing(authorities))) {
    context->set_verify_mode(ssl::verify_none);
    return context;
  }
  error_code failure;
  if (authorities == "system") {
    context->set_default_verify_paths(failure);
  } else {
    context->load_verify_file(authorities, failure);
  }
  if (failure) {
    return configuration("cannot read root certificates from sslrootcert=" + authorities + ": " +
                         failure.message());
  }
  context->set_verify_mode(ssl::verify_peer);
  return context;
}

result<void> set_peer_name(SSL* session, const std::string& host, ssl_mode mode) {
  const bool ip = is_ip_address(host);
  if (!ip && SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                      const_cast<char*>(host.c_str())) != 1) {
    return configuration("the host name is not one that TLS can ask for");
  }
  if (mode != ssl_mode::verify_full) return {};
  auto* const checks = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int set = ip ? X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str())
                     : X509_VERIFY_PARAM_set1_host(checks, host.c_str(), host.size());
  if (set != 1) return configuration("the host name cannot be compared with a certificate");
  return {};
}

error handshake_error(SSL* session, const error_code& failure, const connection_options& options,
                      const std::string& host) {
  const auto verdict = SSL_get_verify_result(session);
  if (verdict == X509_V_OK || SSL_get_verify_mode(session) == SSL_VERIFY_NONE) {
    return make_error(error_category::connection, "the TLS handshake failed: " + failure.message());
  }
  const std::string reason = X509_verify_cert_error_string(verdict);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return make_error(error_category::authentication,
                      "the server's certificate is not made out for " + host + " (" + reason + ")");
  }
  return make_error(error_category::authentication,
                    "the server's certificate is not trusted: " + reason +
                        " (sslrootcert=" + options.sslrootcert + ")");
}

}  // namespace ingestor::pg
