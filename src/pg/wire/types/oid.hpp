// The types this client knows, by the number the server gives them.
// Source: PostgreSQL's catalogue pg_type, whose built-in numbers never change.
#pragma once

#include <cstdint>
#include <string>

namespace ingestor::pg::wire {

/// Any 32-bit number is a valid value: the server has types that are not listed.
enum class oid : std::uint32_t {
  boolean = 16,
  bytea = 17,
  name = 19,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  json = 114,
  float8 = 701,
  int4_array = 1007,
  text_array = 1009,
  int8_array = 1016,
  varchar = 1043,
  timestamptz = 1184,
  timestamptz_array = 1185,
  uuid = 2950,
  jsonb = 3802,
};

/// "bigint", "timestamp with time zone" …, or "type 1234" when it is not listed above.
std::string name_of(oid type);

}  // namespace ingestor::pg::wire
