// What a decision wants done. The state machines only say it; one loop, in the driver, does it.
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace ingestor::pg::fsm {

/// Send these bytes. The view lives until the state machine is asked again.
struct send {
  const_bytes bytes;
};
/// Read one frame.
struct receive {};
/// Read the single byte that answers SSLRequest.
struct receive_tls_answer {};
/// Do the TLS handshake on this connection.
struct start_tls {};
/// Run PBKDF2 over the password, away from the loop.
struct derive_key {
  std::vector<std::byte> salt;
  std::uint32_t iterations = 0;
};
/// Logged in.
struct finished {};

using io_request = std::variant<send, receive, receive_tls_answer, start_tls, derive_key, finished>;

}  // namespace ingestor::pg::fsm
