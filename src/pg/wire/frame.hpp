// Frames: a type byte, a length that counts itself, a body. The length is believed only within
// limits, and those are checked before memory is taken for the body.
// Source: PostgreSQL documentation, "Message Formats"; the limits before authentication are those
// of libpq (fe-connect.c), which bounds what an unknown peer can make it buffer.
#pragma once

#include "base/bytes.hpp"
#include "pg/wire/malformed.hpp"

#include <cstddef>
#include <cstdint>

namespace ingestor::pg::wire {

/// A whole message from the server. `body` is a view into the buffer it was read into.
struct frame {
  char type = 0;
  const_bytes body;
};

/// Type byte and length.
inline constexpr std::size_t frame_header_bytes = 5;
/// An authentication request (R), its length field included.
inline constexpr std::size_t authentication_bytes_min = 8;
inline constexpr std::size_t authentication_bytes_max = 2'000;
/// Any message of a type that has no reason to be long; before authentication, all but R.
inline constexpr std::size_t short_message_bytes_max = 30'000;
/// Errors, notices, notifications, and descriptions of rows and parameters.
inline constexpr std::size_t long_message_bytes_max = 16U * 1024 * 1024;

enum class stage {
  authenticating,  ///< nothing is known about the peer: R, E, N and v only
  established,     ///< AuthenticationOk has been seen
};

struct frame_limits {
  stage at = stage::authenticating;
  /// One DataRow, in bytes.
  std::size_t row_bytes_max = 64U * 1024 * 1024;
};

/// The size of the body, if a message of this type may be that long at this stage. `length` is the
/// length field as sent: it counts its own four bytes.
decoded<std::size_t> body_bytes(char type, std::int32_t length, const frame_limits& limits);

}  // namespace ingestor::pg::wire
