#include "telemetry/page/policy.hpp"

#include "base/base64.hpp"
#include "telemetry/page/assets.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>
#include <stdexcept>

namespace ingestor::telemetry::page {
namespace {

std::string content_policy() {
  return "default-src 'none'; style-src '" + source_hash(style) + "'; script-src '" +
         source_hash(script) +
         "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
}

}  // namespace

std::string source_hash(std::string_view text) {
  std::array<std::byte, 32> digest{};
  unsigned length = digest.size();
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
                 EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error{"OpenSSL has no SHA-256"};
  }
  return "sha256-" + base64_encode(digest);
}

const std::vector<std::pair<std::string, std::string>>& protective_headers() {
  static const std::vector<std::pair<std::string, std::string>> headers{
      {"Content-Security-Policy", content_policy()},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Referrer-Policy", "no-referrer"},
      // For browsers that know no frame-ancestors.
      {"X-Frame-Options", "DENY"}};
  return headers;
}

}  // namespace ingestor::telemetry::page
