#include "pg/wire/scram.hpp"

#include "base/base64.hpp"
#include "pg/wire/saslprep.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <charconv>
#include <optional>
#include <stdexcept>

namespace ingestor::pg::wire {
namespace {

/// The flag, and no other identity to act as.
std::string gs2_header(const scram_binding& binding) {
  switch (binding.what) {
    case scram_binding::kind::unsupported:
      return "n,,";
    case scram_binding::kind::not_offered:
      return "y,,";
    case scram_binding::kind::end_point:
      return "p=tls-server-end-point,,";
  }
  return "n,,";
}

std::string channel_binding_base64(const scram_binding& binding) {
  const auto header = gs2_header(binding);
  const auto text = as_bytes(header);
  std::vector<std::byte> input{text.begin(), text.end()};
  input.insert(input.end(), binding.end_point.begin(), binding.end_point.end());
  return base64_encode(input);
}

const unsigned char* raw(const_bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* raw(scram_key& key) {
  return reinterpret_cast<unsigned char*>(key.data());
}

scram_key hmac(const scram_key& key, std::string_view text) {
  scram_key out{};
  const auto message = as_bytes(text);
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), raw(message), message.size(),
           raw(out), nullptr) == nullptr) {
    throw std::runtime_error{"OpenSSL cannot compute HMAC-SHA-256"};
  }
  return out;
}

scram_key sha256(const scram_key& bytes) {
  scram_key out{};
  SHA256(raw(bytes), bytes.size(), raw(out));
  return out;
}

/// Takes "x=value" from the front, up to a comma or the end.
std::optional<std::string_view> take_attribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
  const auto comma = rest.find(',');
  const auto value = rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  return value;
}

std::optional<std::uint32_t> iterations_of(std::string_view digits) {
  std::uint32_t iterations = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, iterations);
  if (failure != std::errc{} || stop != end || digits.front() == '0') return std::nullopt;
  return iterations;
}

bool printable(std::string_view nonce) {
  for (const char each : nonce) {
    if (each < 0x21 || each > 0x7e) return false;
  }
  return true;
}

}  // namespace

scram_key derive_key(std::string_view password, const_bytes salt, std::uint32_t iterations) {
  scram_key key{};
  const auto prepared = saslprep(password);
  if (PKCS5_PBKDF2_HMAC(prepared.data(), static_cast<int>(prepared.size()), raw(salt),
                        static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                        static_cast<int>(key.size()), raw(key)) != 1) {
    throw std::runtime_error{"OpenSSL cannot compute PBKDF2 with SHA-256"};
  }
  return key;
}

scram_client::scram_client(std::string nonce, std::string user)
    : nonce_{std::move(nonce)}, user_{std::move(user)} {}

std::string scram_client::client_first(scram_binding binding) {
  binding_ = std::move(binding);
  return gs2_header(binding_) + first_bare();
}

decoded<scram_challenge> scram_client::on_server_first(std::string_view message) {
  auto rest = message;
  const auto nonce = take_attribute(rest, 'r');
  const auto salt_text = nonce ? take_attribute(rest, 's') : std::nullopt;
  const auto iterations_text = salt_text ? take_attribute(rest, 'i') : std::nullopt;
  if (!iterations_text || !rest.empty() || message.ends_with(',')) {
    return malformed{"the server's first SCRAM message is malformed"};
  }
  if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size() || !printable(*nonce)) {
    return malformed{"the server's SCRAM nonce does not continue ours"};
  }
  auto salt = base64_decode(*salt_text);
  if (!salt || salt->empty()) return malformed{"the server's SCRAM salt is not valid base64"};
  const auto iterations = iterations_of(*iterations_text);
  if (!iterations || *iterations > scram_iterations_max) {
    return malformed{"the server asks for a number of SCRAM iterations that is not within 1 and " +
                     std::to_string(scram_iterations_max)};
  }
  server_first_ = message;
  combined_nonce_ = *nonce;
  return scram_challenge{std::move(*salt), *iterations};
}

std::string scram_client::client_final(const scram_key& salted_password) {
  const auto without_proof = "c=" + channel_binding_base64(binding_) + ",r=" + combined_nonce_;
  const auto exchange = first_bare() + "," + server_first_ + "," + without_proof;
  auto proof = hmac(salted_password, "Client Key");
  const auto signature = hmac(sha256(proof), exchange);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] ^= signature[i];
  server_signature_ = hmac(hmac(salted_password, "Server Key"), exchange);
  return without_proof + ",p=" + base64_encode(proof);
}

decoded<void> scram_client::on_server_final(std::string_view message) const {
  if (message.starts_with("e=")) return malformed{"the server broke the SCRAM exchange off"};
  auto rest = message;
  const auto verifier = take_attribute(rest, 'v');
  const auto signature = verifier ? base64_decode(*verifier) : std::nullopt;
  if (!signature || !rest.empty() || message.ends_with(',') ||
      signature->size() != server_signature_.size()) {
    return malformed{"the server's final SCRAM message is malformed"};
  }
  if (CRYPTO_memcmp(signature->data(), server_signature_.data(), signature->size()) != 0) {
    return malformed{
        "the server's SCRAM signature is wrong: it does not know the password, so it is not the "
        "server it claims to be"};
  }
  return {};
}

}  // namespace ingestor::pg::wire
