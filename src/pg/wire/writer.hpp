// Puts messages into bytes: big-endian integers, NUL-terminated strings, a length that counts
// itself. Source: PostgreSQL documentation, "Message Data Types".
//
// What cannot be sent (a NUL inside a string, a count or a length beyond the protocol's) is
// remembered and comes out of finish(): a value that wraps a length field would let data be read
// as messages, and a NUL inside a startup parameter would add others.
#pragma once

#include "base/bytes.hpp"
#include "pg/wire/malformed.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ingestor::pg::wire {

/// The longest message the server reads, in bytes (its PQ_LARGE_MESSAGE_LIMIT, just below 1 GiB).
inline constexpr std::size_t message_bytes_max = 0x3ffffffe;

class writer {
 public:
  /// Opens a message; every message is closed by end() before the next is opened.
  void begin(char type);
  /// Opens one of the first messages of a connection, which have no type byte.
  void begin_untyped();
  void end();

  void byte(std::uint8_t value);
  void int16(std::int16_t value);
  void int32(std::int32_t value);
  void int64(std::int64_t value);
  /// A number of parameters, columns or format codes: at most 65,535.
  void count(std::size_t value);
  void c_string(std::string_view text);
  void bytes(const_bytes value);
  /// A length and that many bytes; NULL is the length -1.
  void field(const std::optional<const_bytes>& value);

  /// The messages written so far, or the first reason why they must not be sent. The view lives
  /// until the next call of a non-const member.
  decoded<const_bytes> finish() const;

  /// Empty again; keeps the memory.
  void clear();

 private:
  void refuse(std::string_view reason);
  template <class Integer>
  void big_endian(Integer value);

  std::vector<std::byte> bytes_;
  std::size_t length_at_ = 0;
  std::string refusal_;
};

}  // namespace ingestor::pg::wire
