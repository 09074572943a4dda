// Every type that a row can be read as, and what must hold of bytes that are well formed as one.
#pragma once

#include "pg/fsm/row_set.hpp"
#include "pg/wire/types/parameter.hpp"
#include "pg/wire/types/value.hpp"
#include "require.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::pg {

/// What of a value can be written in one way only. The header of an array cannot, nor `true`, nor
/// the times that count as infinite.
enum class unique { all, elements, nothing };

inline constexpr std::size_t array_header_bytes = 20;

inline const_bytes elements_of(const_bytes array) {
  return array.subspan(std::min(array.size(), array_header_bytes));
}

/// What was read and sent back is read as the same, and is the same as far as it is unique.
template <class T, auto Send, unique Part>
void check_value(wire::oid type, const_bytes value) {
  const auto sent = Send(wire::value_as<T>(type, value));
  const const_bytes again = *sent.value;
  require(wire::well_formed(type, again));
  require(Send(wire::value_as<T>(type, again)) == sent);
  if (Part == unique::all) require(std::ranges::equal(again, value));
  if (Part == unique::elements) {
    require(std::ranges::equal(elements_of(again), elements_of(value)));
  }
}

template <class T>
void read_field(const row_set& rows, std::size_t row, std::size_t column) {
  require(rows.get<std::optional<T>>(row, column).has_value() != rows.is_null(row, column));
}

struct readable {
  wire::oid type;
  void (*check)(wire::oid type, const_bytes value);
  void (*read)(const row_set& rows, std::size_t row, std::size_t column);
};

template <class T, auto Send, unique Part = unique::all>
constexpr readable as(wire::oid type) {
  return {type, check_value<T, Send, Part>, read_field<T>};
}

inline constexpr std::array readables{
    as<bool, wire::boolean, unique::nothing>(wire::oid::boolean),
    as<std::int16_t, wire::int2>(wire::oid::int2),
    as<std::int32_t, wire::int4>(wire::oid::int4),
    as<std::int64_t, wire::int8>(wire::oid::int8),
    as<double, wire::float8>(wire::oid::float8),
    as<std::string, wire::text>(wire::oid::text),
    as<std::string, wire::text>(wire::oid::varchar),
    as<std::string, wire::text>(wire::oid::name),
    as<std::string, wire::text>(wire::oid::json),
    as<std::string, wire::jsonb>(wire::oid::jsonb),
    as<std::vector<std::byte>, wire::bytea>(wire::oid::bytea),
    as<wire::uuid_bytes, wire::uuid>(wire::oid::uuid),
    as<timestamp, wire::timestamptz, unique::nothing>(wire::oid::timestamptz),
    as<std::vector<std::string>, wire::text_array, unique::elements>(wire::oid::text_array),
    as<std::vector<std::int32_t>, wire::int4_array, unique::elements>(wire::oid::int4_array),
    as<std::vector<std::int64_t>, wire::int8_array, unique::elements>(wire::oid::int8_array),
    as<std::vector<timestamp>, wire::timestamptz_array, unique::nothing>(
        wire::oid::timestamptz_array),
};

}  // namespace ingestor::pg
