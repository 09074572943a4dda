#include "pg/wire/types/parameter.hpp"

#include "pg/wire/types/timestamptz.hpp"

#include <bit>
#include <concepts>
#include <type_traits>

namespace ingestor::pg::wire {
namespace {

using value_bytes = std::vector<std::byte>;

template <std::integral Integer>
void append(value_bytes& out, Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (std::size_t i = sizeof(Integer); i-- > 0;) {
    out.push_back(static_cast<std::byte>(bits >> (8 * i) & 0xff));
  }
}

void append(value_bytes& out, timestamp value) {
  append(out, to_postgres(value));
}

void append(value_bytes& out, std::string_view text) {
  const auto raw = as_bytes(text);
  out.insert(out.end(), raw.begin(), raw.end());
}

std::int32_t bytes_of(std::string_view text) {
  return static_cast<std::int32_t>(text.size());
}
std::int32_t bytes_of(std::int32_t) {
  return 4;
}
std::int32_t bytes_of(std::int64_t) {
  return 8;
}
std::int32_t bytes_of(timestamp) {
  return 8;
}

template <class Value>
parameter scalar(oid type, Value value) {
  value_bytes out;
  append(out, value);
  return {type, std::move(out)};
}

parameter raw(oid type, const_bytes value) {
  return {type, value_bytes{value.begin(), value.end()}};
}

template <class Value>
parameter array(oid type, oid element, std::span<const Value> values) {
  value_bytes out;
  append(out, values.empty() ? std::int32_t{0} : std::int32_t{1});  // dimensions
  append(out, std::int32_t{0});                                     // no NULLs
  append(out, static_cast<std::uint32_t>(element));
  if (!values.empty()) {
    append(out, static_cast<std::int32_t>(values.size()));
    append(out, std::int32_t{1});  // index of the first
  }
  for (const auto& value : values) {
    append(out, bytes_of(value));
    append(out, value);
  }
  return {type, std::move(out)};
}

}  // namespace

parameter null(oid type) {
  return {type, std::nullopt};
}

parameter boolean(bool value) {
  return {oid::boolean, value_bytes{value ? std::byte{1} : std::byte{0}}};
}

parameter int2(std::int16_t value) {
  return scalar(oid::int2, value);
}

parameter int4(std::int32_t value) {
  return scalar(oid::int4, value);
}

parameter int8(std::int64_t value) {
  return scalar(oid::int8, value);
}

parameter float8(double value) {
  return scalar(oid::float8, std::bit_cast<std::int64_t>(value));
}

parameter text(std::string_view value) {
  return raw(oid::text, as_bytes(value));
}

parameter bytea(const_bytes value) {
  return raw(oid::bytea, value);
}

parameter jsonb(std::string_view json) {
  value_bytes out;
  out.reserve(json.size() + 1);
  out.push_back(std::byte{1});  // version
  append(out, json);
  return {oid::jsonb, std::move(out)};
}

parameter uuid(std::span<const std::byte, 16> value) {
  return raw(oid::uuid, value);
}

parameter timestamptz(timestamp value) {
  return scalar(oid::timestamptz, value);
}

parameter text_array(std::span<const std::string> values) {
  return array(oid::text_array, oid::text, values);
}

parameter int4_array(std::span<const std::int32_t> values) {
  return array(oid::int4_array, oid::int4, values);
}

parameter int8_array(std::span<const std::int64_t> values) {
  return array(oid::int8_array, oid::int8, values);
}

parameter timestamptz_array(std::span<const timestamp> values) {
  return array(oid::timestamptz_array, oid::timestamptz, values);
}

}  // namespace ingestor::pg::wire
