// Values that came from the server, in the binary form of their type.
//
// Two steps: well_formed() once, when a row arrives, so that whatever is kept can be read; value_as
// afterwards, which cannot fail on bytes that passed. Reading a type as what it is not is a mistake
// in the program, not in the data, and throws std::logic_error.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "pg/wire/types/oid.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ingestor::pg::wire {

/// Whether the bytes are a value of the type: its width, jsonb's version byte, the structure of an
/// array (at most one dimension, no NULLs). Types that are not listed in oid are not readable.
bool well_formed(oid type, const_bytes value);

/// Declared for: bool (boolean), std::int16_t (int2), std::int32_t (int4), std::int64_t (int8),
/// double (float8), std::string (text, varchar, name, json, jsonb), std::vector<std::byte> (bytea),
/// std::array<std::byte, 16> (uuid), timestamp (timestamptz; infinities are timestamp::min() and
/// max()), and vectors of std::string, std::int32_t, std::int64_t, timestamp (arrays).
template <class T>
T value_as(oid type, const_bytes value);

using uuid_bytes = std::array<std::byte, 16>;

template <>
bool value_as<bool>(oid type, const_bytes value);
template <>
std::int16_t value_as<std::int16_t>(oid type, const_bytes value);
template <>
std::int32_t value_as<std::int32_t>(oid type, const_bytes value);
template <>
std::int64_t value_as<std::int64_t>(oid type, const_bytes value);
template <>
double value_as<double>(oid type, const_bytes value);
template <>
std::string value_as<std::string>(oid type, const_bytes value);
template <>
std::vector<std::byte> value_as<std::vector<std::byte>>(oid type, const_bytes value);
template <>
uuid_bytes value_as<uuid_bytes>(oid type, const_bytes value);
template <>
timestamp value_as<timestamp>(oid type, const_bytes value);
template <>
std::vector<std::string> value_as<std::vector<std::string>>(oid type, const_bytes value);
template <>
std::vector<std::int32_t> value_as<std::vector<std::int32_t>>(oid type, const_bytes value);
template <>
std::vector<std::int64_t> value_as<std::vector<std::int64_t>>(oid type, const_bytes value);
template <>
std::vector<timestamp> value_as<std::vector<timestamp>>(oid type, const_bytes value);

}  // namespace ingestor::pg::wire
