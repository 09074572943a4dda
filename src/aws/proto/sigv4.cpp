#include "aws/proto/sigv4.hpp"

#include "base/hex.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <cstdio>
#include <span>
#include <stdexcept>

namespace ingestor::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

using digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

digest hmac_sha256(std::span<const unsigned char> key, std::string_view message) {
  digest out{};
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(message), message.size(),
           out.data(), &length) == nullptr) {
    throw std::runtime_error{"OpenSSL has no HMAC-SHA256"};
  }
  return out;
}

std::string_view day_of(std::string_view amz) {
  return amz.substr(0, 8);
}

std::string scope_text(const signing_scope& scope) {
  const auto date = amz_date(scope.time);
  std::string out{day_of(date)};
  out.append("/").append(scope.region).append("/").append(scope.service);
  return out.append("/aws4_request");
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  digest out{};
  SHA256(octets(bytes), bytes.size(), out.data());
  return hex(out);
}

std::string amz_date(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out.data();
}

std::string string_to_sign(std::string_view canonical, const signing_scope& scope) {
  std::string out{algorithm};
  out.append("\n").append(amz_date(scope.time));
  out.append("\n").append(scope_text(scope));
  out.append("\n").append(sha256_hex(canonical));
  return out;
}

std::string signature(std::string_view to_sign, const secret& secret_access_key,
                      const signing_scope& scope) {
  const auto date = amz_date(scope.time);
  const auto first = "AWS4" + secret_access_key.reveal();
  auto key = hmac_sha256({octets(first), first.size()}, day_of(date));
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  key = hmac_sha256(key, "aws4_request");
  return hex(hmac_sha256(key, to_sign));
}

std::string authorization(const unsigned_request& request, std::string_view payload_sha256,
                          path_rule rule, const credentials& creds, const signing_scope& scope) {
  const auto canonical = canonical_request(request, payload_sha256, rule);
  const auto to_sign = string_to_sign(canonical, scope);
  std::string out{algorithm};
  out.append(" Credential=").append(creds.access_key_id).append("/").append(scope_text(scope));
  out.append(", SignedHeaders=").append(signed_headers(request.headers));
  out.append(", Signature=").append(signature(to_sign, creds.secret_access_key, scope));
  return out;
}

void sign_for_s3(unsigned_request& request, std::string_view payload_sha256,
                 const credentials& creds, const signing_scope& scope) {
  request.headers.emplace_back("x-amz-date", amz_date(scope.time));
  request.headers.emplace_back("x-amz-content-sha256", payload_sha256);
  if (!creds.session_token.empty()) {
    request.headers.emplace_back("x-amz-security-token", creds.session_token.reveal());
  }
  auto value = authorization(request, payload_sha256, path_rule::verbatim, creds, scope);
  request.headers.emplace_back("authorization", std::move(value));
}

}  // namespace ingestor::aws
