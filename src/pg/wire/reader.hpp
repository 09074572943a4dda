// Takes the body of a message apart, never reading past its end.
#pragma once

#include "base/bytes.hpp"
#include "pg/wire/malformed.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace ingestor::pg::wire {

/// After the first read that does not fit, every further read answers zero or empty and ok() is
/// false; so a decoder reads straight down and asks once, at finish(). Views point into the body.
class reader {
 public:
  explicit reader(const_bytes body) : rest_{body} {}

  std::uint8_t byte();
  std::int16_t int16();
  std::uint16_t uint16();
  std::int32_t int32();
  std::int64_t int64();
  std::string_view c_string();
  const_bytes bytes(std::size_t count);
  const_bytes rest() { return bytes(rest_.size()); }
  /// A length and that many bytes; -1 is NULL, anything else below zero is an error.
  std::optional<const_bytes> field();
  /// A count of items that take at least `item_bytes_min` bytes each: refused before anything is
  /// reserved for them when so many cannot follow.
  std::size_t count(std::size_t item_bytes_min);

  std::size_t remaining() const { return rest_.size(); }
  bool ok() const { return ok_; }
  void fail() { ok_ = false; }

  /// The decoded message when every byte was used and none was missing.
  template <class Message>
  decoded<Message> finish(std::string_view name, Message message) const {
    if (!ok_) return malformed{std::string{name} + " ends early or holds an impossible value"};
    if (!rest_.empty()) return malformed{std::string{name} + " has bytes after its end"};
    return decoded<Message>{std::move(message)};
  }

 private:
  std::uint64_t big_endian(std::size_t width);

  const_bytes rest_;
  bool ok_ = true;
};

}  // namespace ingestor::pg::wire
