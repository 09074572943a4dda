#include "pg/wire/types/value.hpp"

#include "pg/wire/reader.hpp"
#include "pg/wire/types/timestamptz.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <stdexcept>

namespace ingestor::pg::wire {
namespace {

void expect(bool matches, oid type, std::string_view asked_for) {
  if (!matches) {
    throw std::logic_error{"a value of type " + name_of(type) + " was read as " +
                           std::string{asked_for}};
  }
}

bool is_text(oid type) {
  return type == oid::text || type == oid::varchar || type == oid::name || type == oid::json;
}

std::optional<oid> element_of(oid array) {
  switch (array) {
    case oid::text_array:
      return oid::text;
    case oid::int4_array:
      return oid::int4;
    case oid::int8_array:
      return oid::int8;
    case oid::timestamptz_array:
      return oid::timestamptz;
    default:
      return std::nullopt;
  }
}

/// Shows each element of an array to `visit`, while it is one of `element` without NULLs; says
/// whether it was. Nothing is allocated for what a value claims to hold.
template <class Visitor>
bool each_element(oid element, const_bytes value, Visitor visit) {
  reader in{value};
  const auto dimensions = in.int32();
  in.int32();  // whether there may be NULLs; looked for below
  if (static_cast<oid>(in.int32()) != element) in.fail();
  if (dimensions == 1) {
    const auto length = in.int32();
    in.int32();  // index of the first
    if (length < 0 || static_cast<std::size_t>(length) > in.remaining() / 4) in.fail();
    for (std::int32_t i = 0; in.ok() && i < length; ++i) {
      const auto field = in.field();
      if (!field || !well_formed(element, *field)) return false;
      visit(*field);
    }
  } else if (dimensions != 0) {
    return false;
  }
  return in.ok() && in.remaining() == 0;
}

template <class T>
std::vector<T> array_as(oid type, const_bytes value, oid array_type, std::string_view asked_for) {
  expect(type == array_type, type, asked_for);
  const auto element = *element_of(array_type);
  std::vector<T> values;
  each_element(element, value,
               [&](const_bytes each) { values.push_back(value_as<T>(element, each)); });
  return values;
}

}  // namespace

bool well_formed(oid type, const_bytes value) {
  if (const auto element = element_of(type)) {
    return each_element(*element, value, [](const_bytes) {});
  }
  switch (type) {
    case oid::boolean:
      return value.size() == 1;
    case oid::int2:
      return value.size() == 2;
    case oid::int4:
      return value.size() == 4;
    case oid::int8:
    case oid::float8:
    case oid::timestamptz:
      return value.size() == 8;
    case oid::uuid:
      return value.size() == 16;
    case oid::jsonb:
      return !value.empty() && value.front() == std::byte{1};
    default:
      return is_text(type) || type == oid::bytea;
  }
}

template <>
bool value_as<bool>(oid type, const_bytes value) {
  expect(type == oid::boolean, type, "a boolean");
  return value.front() != std::byte{0};
}

template <>
std::int16_t value_as<std::int16_t>(oid type, const_bytes value) {
  expect(type == oid::int2, type, "a 16-bit integer");
  return reader{value}.int16();
}

template <>
std::int32_t value_as<std::int32_t>(oid type, const_bytes value) {
  expect(type == oid::int4, type, "a 32-bit integer");
  return reader{value}.int32();
}

template <>
std::int64_t value_as<std::int64_t>(oid type, const_bytes value) {
  expect(type == oid::int8, type, "a 64-bit integer");
  return reader{value}.int64();
}

template <>
double value_as<double>(oid type, const_bytes value) {
  expect(type == oid::float8, type, "a double");
  return std::bit_cast<double>(reader{value}.int64());
}

template <>
std::string value_as<std::string>(oid type, const_bytes value) {
  expect(is_text(type) || type == oid::jsonb, type, "a string");
  return std::string{as_text(type == oid::jsonb ? value.subspan(1) : value)};
}

template <>
std::vector<std::byte> value_as<std::vector<std::byte>>(oid type, const_bytes value) {
  expect(type == oid::bytea, type, "bytes");
  return {value.begin(), value.end()};
}

template <>
uuid_bytes value_as<uuid_bytes>(oid type, const_bytes value) {
  expect(type == oid::uuid, type, "a uuid");
  uuid_bytes out{};
  std::copy(value.begin(), value.end(), out.begin());
  return out;
}

template <>
timestamp value_as<timestamp>(oid type, const_bytes value) {
  expect(type == oid::timestamptz, type, "a point in time");
  return from_postgres(reader{value}.int64());
}

template <>
std::vector<std::string> value_as<std::vector<std::string>>(oid type, const_bytes value) {
  return array_as<std::string>(type, value, oid::text_array, "an array of strings");
}

template <>
std::vector<std::int32_t> value_as<std::vector<std::int32_t>>(oid type, const_bytes value) {
  return array_as<std::int32_t>(type, value, oid::int4_array, "an array of 32-bit integers");
}

template <>
std::vector<std::int64_t> value_as<std::vector<std::int64_t>>(oid type, const_bytes value) {
  return array_as<std::int64_t>(type, value, oid::int8_array, "an array of 64-bit integers");
}

template <>
std::vector<timestamp> value_as<std::vector<timestamp>>(oid type, const_bytes value) {
  return array_as<timestamp>(type, value, oid::timestamptz_array, "an array of points in time");
}

}  // namespace ingestor::pg::wire
