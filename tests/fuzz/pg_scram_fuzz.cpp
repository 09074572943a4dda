// Two lines as a server's messages of a SCRAM exchange: the challenge is taken within its limits
// only, the proof is the one that a server computes, and the server is believed exactly when its
// signature is right.
//
// The first byte chooses the channel binding, by its letter in RFC 5802. A '$' in the second line
// stands for the right signature, which no fuzzer would guess.
#include "base/base64.hpp"
#include "pg/wire/saslprep.hpp"
#include "pg/wire/scram.hpp"
#include "require.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace ingestor;
using namespace ingestor::pg;

const std::string nonce = "rOprNGfwEbeRWgbNEkqO";
const std::string certificate_hash = "a hash of a certificate";
/// Deriving a key is slow on purpose; nothing here depends on how slow.
constexpr std::uint32_t derived_iterations_max = 2;

wire::scram_key hmac(const wire::scram_key& key, std::string_view text) {
  wire::scram_key out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &size);
  require(size == out.size());
  return out;
}

wire::scram_key sha256(const wire::scram_key& bytes) {
  wire::scram_key out{};
  require(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                     nullptr, EVP_sha256(), nullptr) == 1);
  return out;
}

wire::scram_binding binding_of(char letter) {
  using kind = wire::scram_binding::kind;
  if (letter == 'y') return {kind::not_offered, {}};
  if (letter != 'p') return {kind::unsupported, {}};
  const auto hash = as_bytes(certificate_hash);
  return {kind::end_point, {hash.begin(), hash.end()}};
}

/// What the client's final message begins with: RFC 5802, section 5.1, attribute c.
std::string bound(const std::string& gs2_header) {
  const auto data = gs2_header.starts_with('p') ? certificate_hash : std::string{};
  return "c=" + base64_encode(as_bytes(gs2_header + data)) + ",r=" + nonce;
}

void check_texts(std::string_view text) {
  const auto bytes = base64_decode(text);
  require(!bytes || base64_encode(*bytes) == text);
  require(base64_decode(base64_encode(as_bytes(text))).has_value());
  const auto password = wire::saslprep(text);
  require(password.empty() == text.empty() && wire::saslprep(password) == password);
}

void check_challenge(std::string_view message, const wire::scram_challenge& challenge) {
  require(message.starts_with("r=" + nonce));
  require(message.ends_with(",s=" + base64_encode(challenge.salt) +
                            ",i=" + std::to_string(challenge.iterations)));
  require(!challenge.salt.empty());
  require(challenge.iterations >= 1 && challenge.iterations <= wire::scram_iterations_max);
}

/// As a server does, which knows only the hash of the client's key.
void check_proof(const wire::scram_key& key, std::string_view exchange, std::string_view proof) {
  const auto client_key = hmac(key, "Client Key");
  auto found = hmac(sha256(client_key), exchange);
  const auto sent = base64_decode(proof);
  require(sent && sent->size() == found.size());
  for (std::size_t i = 0; i < found.size(); ++i) found[i] ^= (*sent)[i];
  require(found == client_key);
}

std::string with_signature(std::string_view line, const std::string& signature) {
  std::string text;
  for (const char each : line) text += each == '$' ? signature : std::string{each};
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto lines = as_text(std::as_bytes(std::span{data, size})).substr(1);
  const auto server_first = lines.substr(0, lines.find('\n'));
  const auto second = lines.substr(std::min(server_first.size() + 1, lines.size()));
  check_texts(server_first);

  wire::scram_client client{nonce};
  const auto first = client.client_first(binding_of(static_cast<char>(data[0])));
  const auto bare_at = first.find(",,") + 2;
  const auto challenge = client.on_server_first(server_first);
  if (!challenge) return 0;
  check_challenge(server_first, *challenge);
  const auto key = wire::derive_key("pencil", challenge->salt,
                                    std::min(challenge->iterations, derived_iterations_max));
  const auto last = client.client_final(key);
  require(last.starts_with(bound(first.substr(0, bare_at))));
  const auto proof_at = last.rfind(",p=");
  const auto exchange = first.substr(bare_at) + "," + std::string{server_first} + "," +
                        last.substr(0, proof_at);  // RFC 5802, section 3, AuthMessage
  check_proof(key, exchange, last.substr(proof_at + 3));

  const auto signature = base64_encode(hmac(hmac(key, "Server Key"), exchange));
  const auto server_final = with_signature(second, signature);
  require(client.on_server_final(server_final).has_value() == (server_final == "v=" + signature));
  return 0;
}
