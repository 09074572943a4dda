#include "pg/wire/types/oid.hpp"

namespace ingestor::pg::wire {

std::string name_of(oid type) {
  switch (type) {
    case oid::boolean:
      return "boolean";
    case oid::bytea:
      return "bytea";
    case oid::name:
      return "name";
    case oid::int8:
      return "bigint";
    case oid::int2:
      return "smallint";
    case oid::int4:
      return "integer";
    case oid::text:
      return "text";
    case oid::json:
      return "json";
    case oid::float8:
      return "double precision";
    case oid::int4_array:
      return "integer[]";
    case oid::text_array:
      return "text[]";
    case oid::int8_array:
      return "bigint[]";
    case oid::varchar:
      return "character varying";
    case oid::timestamptz:
      return "timestamp with time zone";
    case oid::timestamptz_array:
      return "timestamp with time zone[]";
    case oid::uuid:
      return "uuid";
    case oid::jsonb:
      return "jsonb";
  }
  return "type " + std::to_string(static_cast<std::uint32_t>(type));
}

}  // namespace ingestor::pg::wire
