#include "pg/tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <utility>

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

/// ALPN's list of one: the length, then the name.
constexpr std::string_view alpn_list = "\x0apostgresql";
constexpr std::string_view alpn_name = alpn_list.substr(1);

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

result<void> trust(ssl::context& context, const connection_options& options) {
  const auto& authorities = options.sslrootcert;
  if (authorities.empty() || (options.sslmode < ssl_mode::verify_ca && is_missing(authorities))) {
    context.set_verify_mode(ssl::verify_none);
    return {};
  }
  error_code failure;
  if (authorities == "system") {
    context.set_default_verify_paths(failure);
  } else {
    context.load_verify_file(authorities, failure);
  }
  if (failure) {
    return configuration("cannot read root certificates from sslrootcert=" + authorities + ": " +
                         failure.message());
  }
  context.set_verify_mode(ssl::verify_peer);
  return {};
}

result<void> check_rights_of_key(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) {
    return configuration("cannot read sslkey=" + file + ": " +
                         std::generic_category().message(errno));
  }
  const mode_t forbidden = status.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if (S_ISREG(status.st_mode) && (status.st_mode & forbidden) == 0) return {};
  return configuration("sslkey=" + file +
                       " is not a file that only its owner can read: chmod 0600 (0640 is enough "
                       "where it belongs to root)");
}

/// Without one OpenSSL would ask whoever sits at the terminal.
int give_password(char* room, int bytes_max, int, void* password) {
  const auto& text = static_cast<const secret*>(password)->reveal();
  if (text.size() > static_cast<std::size_t>(bytes_max)) return 0;
  std::copy(text.begin(), text.end(), room);
  return static_cast<int>(text.size());
}

result<void> show_certificate(ssl::context& context, const connection_options& options) {
  if (options.sslcert.empty()) return {};
  const auto rights = check_rights_of_key(options.sslkey);
  if (!rights) return rights.error();
  auto* const native = context.native_handle();
  error_code failure;
  context.use_certificate_chain_file(options.sslcert, failure);
  if (failure) {
    return configuration("cannot use sslcert=" + options.sslcert + ": " + failure.message());
  }
  auto password = options.sslpassword;
  SSL_CTX_set_default_passwd_cb(native, give_password);
  SSL_CTX_set_default_passwd_cb_userdata(native, &password);
  context.use_private_key_file(options.sslkey, ssl::context::pem, failure);
  SSL_CTX_set_default_passwd_cb_userdata(native, nullptr);
  SSL_CTX_set_default_passwd_cb(native, nullptr);
  if (failure) {
    return configuration(
        "cannot use sslkey=" + options.sslkey +
        " (is it the key of sslcert, and sslpassword its password?): " + failure.message());
  }
  return {};
}

}  // namespace

result<std::unique_ptr<ssl::context>> make_tls_context(const connection_options& options) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  auto* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  if (SSL_CTX_set_alpn_protos(native, raw(alpn_list), alpn_list.size()) != 0) {
    return configuration("this OpenSSL knows no ALPN");
  }
  const auto trusted = trust(*context, options);
  if (!trusted) return trusted.error();
  const auto shown = show_certificate(*context, options);
  if (!shown) return shown.error();
  return context;
}

fsm::tls_facts facts_of(SSL* session) {
  fsm::tls_facts facts;
  const unsigned char* name = nullptr;
  unsigned name_bytes = 0;
  SSL_get0_alpn_selected(session, &name, &name_bytes);
  facts.alpn =
      name_bytes == alpn_name.size() && std::equal(name, name + name_bytes, raw(alpn_name));

  const std::unique_ptr<X509, decltype(&X509_free)> certificate{SSL_get1_peer_certificate(session),
                                                                X509_free};
  int hash = NID_undef;
  if (!certificate ||
      X509_get_signature_info(certificate.get(), &hash, nullptr, nullptr, nullptr) != 1) {
    return facts;
  }
  if (hash == NID_undef) return facts;
  // RFC 5929, section 4.1: the hash of the signature, but nothing weaker than SHA-256.
  if (hash == NID_md5 || hash == NID_sha1) hash = NID_sha256;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned bytes = 0;
  const auto* const algorithm = EVP_get_digestbynid(hash);
  if (algorithm == nullptr ||
      X509_digest(certificate.get(), algorithm, digest.data(), &bytes) != 1) {
    return facts;
  }
  const auto* const first = reinterpret_cast<const std::byte*>(digest.data());
  facts.end_point.assign(first, first + bytes);
  return facts;
}

std::optional<error> refusal_of_certificate(const error_code& failure) {
  if (failure.category() != boost::asio::error::get_ssl_category()) return std::nullopt;
  switch (ERR_GET_REASON(static_cast<unsigned long>(failure.value()))) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return make_error(
          error_category::authentication,
          "the server does not accept our certificate (sslcert): " + failure.message());
    default:
      return std::nullopt;
  }
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
  if (const auto refusal = refusal_of_certificate(failure)) return *refusal;
  const auto verdict = SSL_get_verify_result(session);
  if (verdict == X509_V_OK || SSL_get_verify_mode(session) == SSL_VERIFY_NONE) {
    auto message = "the TLS handshake failed: " + failure.message();
    // An older server takes the first bytes for a message that is far too long, and closes.
    if (options.sslnegotiation == ssl_negotiation::direct) {
      message += " (sslnegotiation=direct needs a server of version 17 or later)";
    }
    return make_error(error_category::connection, std::move(message));
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
