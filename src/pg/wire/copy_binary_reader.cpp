#include "pg/wire/copy_binary_reader.hpp"

#include "pg/wire/copy_binary.hpp"

#include <cstdint>
#include <type_traits>

namespace ingestor::pg::wire {
namespace {

// The caller has seen that there are enough bytes.
template <class Integer>
Integer take(const_bytes& from) {
  std::make_unsigned_t<Integer> value = 0;
  for (const auto byte : from.first<sizeof(Integer)>()) {
    value = static_cast<decltype(value)>(value << 8 | std::to_integer<std::uint8_t>(byte));
  }
  from = from.subspan(sizeof(Integer));
  return static_cast<Integer>(value);
}

}  // namespace

copy_binary_reader::copy_binary_reader(const_bytes stream) : rest_{stream} {}

ingestor::result<std::vector<copy_field>, copy_malformed> copy_binary_reader::next() {
  if (!header_read_) {
    if (!as_text(rest_).starts_with(copy_header)) return copy_malformed::header;
    rest_ = rest_.subspan(copy_header.size());
    header_read_ = true;
  }
  std::vector<copy_field> row;
  if (rest_.empty()) return row;
  if (rest_.size() < sizeof(std::int16_t)) return copy_malformed::cut_short;
  const auto fields = take<std::int16_t>(rest_);
  if (fields == -1) {
    rest_ = {};
    return row;
  }
  if (fields < 1) return copy_malformed::field_count;
  for (std::int16_t n = 0; n < fields; ++n) {
    if (rest_.size() < sizeof(std::int32_t)) return copy_malformed::cut_short;
    const auto length = take<std::int32_t>(rest_);
    if (length < -1) return copy_malformed::field_length;
    if (length == -1) {
      row.emplace_back();
      continue;
    }
    if (rest_.size() < static_cast<std::size_t>(length)) return copy_malformed::cut_short;
    row.emplace_back(rest_.first(static_cast<std::size_t>(length)));
    rest_ = rest_.subspan(static_cast<std::size_t>(length));
  }
  return row;
}

}  // namespace ingestor::pg::wire
