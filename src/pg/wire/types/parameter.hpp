// Values on their way to the server, each in the binary form of its type.
// Source: the *_recv functions of PostgreSQL; arrays: array_recv in utils/adt/arrayfuncs.c.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "pg/wire/types/oid.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::pg::wire {

/// One parameter of a statement; no value is NULL.
struct parameter {
  oid type{};
  std::optional<std::vector<std::byte>> value;

  friend bool operator==(const parameter&, const parameter&) = default;
};

parameter null(oid type);
parameter boolean(bool value);
parameter int2(std::int16_t value);
parameter int4(std::int32_t value);
parameter int8(std::int64_t value);
parameter float8(double value);
/// UTF-8 without NUL; anything else is the server's to refuse (22021).
parameter text(std::string_view value);
parameter bytea(const_bytes value);
parameter jsonb(std::string_view json);
parameter uuid(std::span<const std::byte, 16> value);
/// timestamp::min() and max() are -infinity and infinity.
parameter timestamptz(timestamp value);

/// One-dimensional arrays without NULLs.
parameter text_array(std::span<const std::string> values);
parameter int4_array(std::span<const std::int32_t> values);
parameter int8_array(std::span<const std::int64_t> values);
parameter timestamptz_array(std::span<const timestamp> values);

}  // namespace ingestor::pg::wire
