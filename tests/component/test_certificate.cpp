#include "test_certificate.hpp"

#include <boost/asio/buffer.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace ingestor::testing_support {
namespace {

struct openssl_free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using owned = std::unique_ptr<T, openssl_free>;

std::string text_of(BIO* bio) {
  const char* data = nullptr;
  const auto size = BIO_ctrl(bio, BIO_CTRL_INFO, 0, &data);
  return {data, static_cast<std::size_t>(size)};
}

void check(bool good) {
  if (!good) throw std::runtime_error{"OpenSSL could not make a certificate"};
}

void extend(X509* certificate, int nid, const char* value) {
  const owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, nullptr, nid, value)};
  check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

}  // namespace

test_certificate make_certificate(const std::string& subject_alt_name) {
  const owned<EVP_PKEY> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  const owned<X509> certificate{X509_new()};
  check(key != nullptr && certificate != nullptr);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  auto* const name = X509_get_subject_name(certificate.get());
  const std::string subject = "test server";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate.get(), NID_subject_alt_name, subject_alt_name.c_str());
  check(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);

  const owned<BIO> certificate_out{BIO_new(BIO_s_mem())};
  const owned<BIO> key_out{BIO_new(BIO_s_mem())};
  check(PEM_write_bio_X509(certificate_out.get(), certificate.get()) == 1);
  check(PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
        1);
  return {text_of(certificate_out.get()), text_of(key_out.get())};
}

boost::asio::ssl::context server_context(const test_certificate& certificate) {
  namespace ssl = boost::asio::ssl;
  ssl::context context{ssl::context::tls_server};
  context.use_certificate(boost::asio::buffer(certificate.certificate_pem), ssl::context::pem);
  context.use_private_key(boost::asio::buffer(certificate.key_pem), ssl::context::pem);
  return context;
}

}  // namespace ingestor::testing_support
