#include "pg/wire/reader.hpp"

#include <algorithm>

namespace ingestor::pg::wire {

std::uint64_t reader::big_endian(std::size_t width) {
  std::uint64_t value = 0;
  for (const auto part : bytes(width)) value = value << 8 | std::to_integer<std::uint64_t>(part);
  return value;
}

std::uint8_t reader::byte() {
  return static_cast<std::uint8_t>(big_endian(1));
}

std::int16_t reader::int16() {
  return static_cast<std::int16_t>(big_endian(2));
}

std::uint16_t reader::uint16() {
  return static_cast<std::uint16_t>(big_endian(2));
}

std::int32_t reader::int32() {
  return static_cast<std::int32_t>(big_endian(4));
}

std::int64_t reader::int64() {
  return static_cast<std::int64_t>(big_endian(8));
}

std::string_view reader::c_string() {
  const auto end = std::find(rest_.begin(), rest_.end(), std::byte{0});
  if (!ok_ || end == rest_.end()) {
    ok_ = false;
    return {};
  }
  const auto text = as_text(bytes(static_cast<std::size_t>(end - rest_.begin())));
  rest_ = rest_.subspan(1);
  return text;
}

const_bytes reader::bytes(std::size_t count) {
  if (!ok_ || count > rest_.size()) {
    ok_ = false;
    return {};
  }
  const auto taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::optional<const_bytes> reader::field() {
  const auto length = int32();
  if (length == -1) return std::nullopt;
  if (length < 0) {
    ok_ = false;
    return std::nullopt;
  }
  return bytes(static_cast<std::size_t>(length));
}

std::size_t reader::count(std::size_t item_bytes_min) {
  const std::size_t items = uint16();
  if (items * item_bytes_min > rest_.size()) ok_ = false;
  return ok_ ? items : 0;
}

}  // namespace ingestor::pg::wire
