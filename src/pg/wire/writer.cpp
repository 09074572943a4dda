#include "pg/wire/writer.hpp"

#include <limits>
#include <type_traits>

namespace ingestor::pg::wire {

template <class Integer>
void writer::big_endian(Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (std::size_t i = sizeof(Integer); i-- > 0;) {
    bytes_.push_back(static_cast<std::byte>(bits >> (8 * i) & 0xff));
  }
}

void writer::begin(char type) {
  bytes_.push_back(static_cast<std::byte>(type));
  begin_untyped();
}

void writer::begin_untyped() {
  length_at_ = bytes_.size();
  int32(0);
}

void writer::end() {
  const auto length = bytes_.size() - length_at_;
  if (length > message_bytes_max) {
    refuse("a message is longer than the server reads (1 GiB)");
    return;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    bytes_[length_at_ + i] = static_cast<std::byte>(length >> (8 * (3 - i)) & 0xff);
  }
}

void writer::byte(std::uint8_t value) {
  bytes_.push_back(static_cast<std::byte>(value));
}

void writer::int16(std::int16_t value) {
  big_endian(value);
}

void writer::int32(std::int32_t value) {
  big_endian(value);
}

void writer::int64(std::int64_t value) {
  big_endian(value);
}

void writer::count(std::size_t value) {
  if (value > std::numeric_limits<std::uint16_t>::max()) {
    refuse("more than 65,535 parameters or columns in one message");
    return;
  }
  big_endian(static_cast<std::uint16_t>(value));
}

void writer::c_string(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    refuse("a string contains a NUL byte");
    return;
  }
  bytes(as_bytes(text));
  byte(0);
}

void writer::bytes(const_bytes value) {
  // Checked before it is copied, so that a refused message costs no memory either.
  if (value.size() > message_bytes_max) {
    refuse("a value is longer than the server reads (1 GiB)");
    return;
  }
  bytes_.insert(bytes_.end(), value.begin(), value.end());
}

void writer::field(const std::optional<const_bytes>& value) {
  if (!value) {
    int32(-1);
    return;
  }
  int32(static_cast<std::int32_t>(value->size() & 0x7fffffff));
  bytes(*value);
}

decoded<const_bytes> writer::finish() const {
  if (!refusal_.empty()) return malformed{refusal_};
  return const_bytes{bytes_};
}

void writer::clear() {
  bytes_.clear();
  refusal_.clear();
  length_at_ = 0;
}

void writer::refuse(std::string_view reason) {
  if (refusal_.empty()) refusal_ = reason;
}

}  // namespace ingestor::pg::wire
