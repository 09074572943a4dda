#include "pg/wire/copy_binary.hpp"

#include "pg/wire/reader.hpp"
#include "pg/wire/types/timestamptz.hpp"

#include <array>
#include <bit>
#include <cassert>
#include <type_traits>

namespace ingestor::pg::wire {

copy_buffer::copy_buffer(std::size_t capacity_bytes) {
  bytes_.reserve(capacity_bytes > copy_header.size() ? capacity_bytes : copy_header.size());
  clear();
}

template <class Integer>
void copy_buffer::big_endian(Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  std::array<std::byte, sizeof(Integer)> out{};
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    out[i] = static_cast<std::byte>(bits >> (8 * (sizeof(Integer) - 1 - i)) & 0xff);
  }
  bytes_.insert(bytes_.end(), out.begin(), out.end());
}

void copy_buffer::begin_row(std::int16_t fields) {
  row_start_ = bytes_.size();
  ++rows_;
  big_endian(fields);
}

void copy_buffer::null() {
  big_endian(std::int32_t{-1});
}

void copy_buffer::boolean(bool value) {
  big_endian(std::int32_t{1});
  bytes_.push_back(value ? std::byte{1} : std::byte{0});
}

void copy_buffer::int2(std::int16_t value) {
  big_endian(std::int32_t{2});
  big_endian(value);
}

void copy_buffer::int4(std::int32_t value) {
  big_endian(std::int32_t{4});
  big_endian(value);
}

void copy_buffer::int8(std::int64_t value) {
  big_endian(std::int32_t{8});
  big_endian(value);
}

void copy_buffer::float8(double value) {
  int8(std::bit_cast<std::int64_t>(value));
}

void copy_buffer::text(std::string_view value) {
  field(as_bytes(value));
}

void copy_buffer::bytea(const_bytes value) {
  field(value);
}

void copy_buffer::jsonb(std::string_view json) {
  assert(json.size() < copy_field_bytes_max);
  big_endian(static_cast<std::int32_t>(json.size() + 1));
  bytes_.push_back(std::byte{1});
  const auto raw = as_bytes(json);
  bytes_.insert(bytes_.end(), raw.begin(), raw.end());
}

void copy_buffer::uuid(std::span<const std::byte, 16> value) {
  field(value);
}

void copy_buffer::timestamptz(timestamp value) {
  int8(to_postgres(value));
}

void copy_buffer::rollback_row() {
  assert(row_start_ != 0);
  bytes_.resize(row_start_);
  --rows_;
  row_start_ = 0;
}

void copy_buffer::append_rows(const copy_buffer& other) {
  const auto rows = other.bytes().subspan(copy_header.size());
  bytes_.insert(bytes_.end(), rows.begin(), rows.end());
  rows_ += other.rows_;
  row_start_ = 0;
}

void copy_buffer::append_rows(const copy_buffer& other, std::span<const std::size_t> offsets,
                              std::size_t first, std::size_t last) {
  assert(first <= last && last < offsets.size());
  const auto rows = other.bytes().subspan(offsets[first], offsets[last] - offsets[first]);
  bytes_.insert(bytes_.end(), rows.begin(), rows.end());
  rows_ += last - first;
  row_start_ = 0;
}

std::vector<std::size_t> copy_buffer::row_offsets() const {
  std::vector<std::size_t> offsets;
  offsets.reserve(rows_ + 1);
  reader rest{bytes().subspan(copy_header.size())};
  for (std::uint64_t row = 0; row < rows_; ++row) {
    offsets.push_back(bytes_.size() - rest.remaining());
    for (auto fields = rest.uint16(); fields > 0; --fields) rest.field();
  }
  assert(rest.ok());
  offsets.push_back(bytes_.size() - rest.remaining());
  return offsets;
}

void copy_buffer::finish() {
  big_endian(std::int16_t{-1});
  finished_ = true;
}

void copy_buffer::clear() {
  const auto header = as_bytes(copy_header);
  bytes_.assign(header.begin(), header.end());
  rows_ = 0;
  row_start_ = 0;
  finished_ = false;
}

std::optional<std::size_t> copy_buffer::columns() const {
  if (rows_ == 0) return std::nullopt;
  return reader{bytes().subspan(copy_header.size())}.uint16();
}

void copy_buffer::shrink_to(std::size_t capacity_bytes) {
  if (rows_ != 0 || bytes_.capacity() <= capacity_bytes) return;
  std::vector<std::byte> smaller;
  smaller.reserve(capacity_bytes);
  smaller.assign(bytes_.begin(), bytes_.end());
  bytes_.swap(smaller);
}

void copy_buffer::field(const_bytes value) {
  assert(value.size() < copy_field_bytes_max);
  big_endian(static_cast<std::int32_t>(value.size()));
  bytes_.insert(bytes_.end(), value.begin(), value.end());
}

}  // namespace ingestor::pg::wire
