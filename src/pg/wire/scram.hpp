// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, the client's side. Source: RFC 5802, RFC 7677; channel
// binding: RFC 5929, section 4; PostgreSQL documentation, "SASL Authentication".
//
// The expensive step, deriving a key from the password, is a function of its own (derive_key): it
// takes milliseconds, and its caller decides on which thread.
#pragma once

#include "base/bytes.hpp"
#include "base/wipe.hpp"
#include "pg/wire/malformed.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::pg::wire {

inline constexpr std::string_view scram_sha_256 = "SCRAM-SHA-256";
inline constexpr std::string_view scram_sha_256_plus = "SCRAM-SHA-256-PLUS";

/// PostgreSQL's default is 4,096. A server that asks for millions stops its clients for minutes.
inline constexpr std::uint32_t scram_iterations_max = 100'000;

/// Bytes of randomness in the client's nonce; PostgreSQL's own clients use as many.
inline constexpr std::size_t scram_nonce_bytes = 18;

/// Whoever has one can play the client, or the server.
struct scram_key : std::array<std::byte, 32> {
  scram_key() = default;
  scram_key(const scram_key&) = default;
  scram_key& operator=(const scram_key&) = default;
  scram_key(scram_key&&) = default;
  scram_key& operator=(scram_key&&) = default;
  ~scram_key() { wipe(*this); }
};

struct scram_challenge {
  std::vector<std::byte> salt;
  std::uint32_t iterations = 0;
};

/// What the exchange says of the channel it runs over (RFC 5802, gs2-cbind-flag).
struct scram_binding {
  enum class kind {
    unsupported,  ///< this side does not bind
    not_offered,  ///< this side would, but the server did not offer it: a server that did finds out
    end_point,    ///< tls-server-end-point
  };
  kind what = kind::unsupported;
  /// The hash of the server's certificate; for end_point alone.
  std::vector<std::byte> end_point;
};

/// PBKDF2 with HMAC-SHA-256 over the password, which passes through SASLprep first. Pure; about 1
/// ms for 4,096 iterations, 25 ms for the maximum.
scram_key derive_key(std::string_view password, const_bytes salt, std::uint32_t iterations);

class scram_client {
 public:
  /// `nonce`: printable ASCII without a comma, never used before, not to be guessed. `user`: left
  /// empty towards PostgreSQL, which takes the name of the startup message.
  explicit scram_client(std::string nonce, std::string user = {});

  /// The first message, by which both sides are bound to what `binding` says.
  std::string client_first(scram_binding binding = {});

  /// What the key is to be derived with. Refused: a nonce that does not begin with ours or adds
  /// nothing to it, extensions, sloppy base64, an empty salt, iterations beyond the limit.
  decoded<scram_challenge> on_server_first(std::string_view message);

  /// The proof that we know the password. Only after on_server_first().
  std::string client_final(const scram_key& salted_password);

  /// Whether the server knows the password too. Only after client_final(). Without this step
  /// anybody can play the server.
  decoded<void> on_server_final(std::string_view message) const;

 private:
  std::string first_bare() const { return "n=" + user_ + ",r=" + nonce_; }

  std::string nonce_;
  std::string user_;
  scram_binding binding_;
  std::string server_first_;
  std::string combined_nonce_;
  scram_key server_signature_{};
};

}  // namespace ingestor::pg::wire
