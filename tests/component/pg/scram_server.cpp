#include "scram_server.hpp"

#include "base/base64.hpp"
#include "pg/wire/scram.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>

namespace ingestor::pg {
namespace {

using digest = wire::scram_key;

constexpr std::string_view salt = "0123456789abcdef";
constexpr std::string_view own_nonce = "+the-servers-own-part-of-it";

unsigned char* raw(digest& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

digest hmac(const digest& key, std::string_view text) {
  digest out{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), raw(out), nullptr);
  return out;
}

digest sha256(digest bytes) {
  digest out{};
  SHA256(raw(bytes), bytes.size(), raw(out));
  return out;
}

/// Behind the second comma.
std::size_t end_of_gs2_header(std::string_view client_first) {
  return client_first.find(',', client_first.find(',') + 1) + 1;
}

/// The value of "x=value" in a list that commas part.
std::string_view attribute(std::string_view list, char name) {
  while (!list.empty()) {
    const auto one = list.substr(0, list.find(','));
    if (one.size() >= 2 && one[0] == name && one[1] == '=') return one.substr(2);
    list.remove_prefix(std::min(list.size(), one.size() + 1));
  }
  return {};
}

/// What `c` must begin with; only for real channel binding more follows, which others test.
bool repeats(std::string_view c, std::string_view gs2_header) {
  const auto sent = base64_decode(c);
  return sent && as_text(*sent).starts_with(gs2_header);
}

}  // namespace

std::string scram_server::challenge(std::string_view client_first) {
  const auto bare = end_of_gs2_header(client_first);
  gs2_header_ = client_first.substr(0, bare);
  client_first_bare_ = client_first.substr(bare);
  nonce_ = std::string{attribute(client_first_bare_, 'r')} + std::string{own_nonce};
  server_first_ =
      "r=" + nonce_ + ",s=" + base64_encode(as_bytes(salt)) + ",i=" + std::to_string(iterations_);
  return server_first_;
}

std::string scram_server::verdict(std::string_view client_final) const {
  constexpr std::string_view refusal = "e=invalid-proof";
  const auto without_proof = client_final.substr(0, client_final.rfind(",p="));
  const auto proof = base64_decode(attribute(client_final, 'p'));
  if (!proof || proof->size() != digest{}.size()) return std::string{refusal};
  if (attribute(client_final, 'r') != nonce_) return std::string{refusal};
  if (!repeats(attribute(client_final, 'c'), gs2_header_)) return std::string{refusal};

  const auto exchange = client_first_bare_ + "," + server_first_ + "," + std::string{without_proof};
  const auto salted = wire::derive_key(password_, as_bytes(salt), iterations_);
  const auto stored_key = sha256(hmac(salted, "Client Key"));
  auto client_key = hmac(stored_key, exchange);
  for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] ^= (*proof)[i];
  if (sha256(client_key) != stored_key) return std::string{refusal};
  return "v=" + base64_encode(hmac(hmac(salted, "Server Key"), exchange));
}

}  // namespace ingestor::pg
