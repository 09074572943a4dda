// Descriptions of parameters and rows, and the rows.
// Source: PostgreSQL documentation, "Message Formats": RowDescription, DataRow,
// ParameterDescription.
#pragma once

#include "pg/wire/extended.hpp"
#include "pg/wire/malformed.hpp"
#include "pg/wire/types/oid.hpp"
#include "pg/wire/writer.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace ingestor::pg::wire {

/// The most columns that a result can have (the server's MaxTupleAttributeNumber).
inline constexpr std::size_t columns_max = 1'664;

struct column_description {
  std::string_view name;
  /// 0 when the column is no plain column of a table.
  std::uint32_t table = 0;
  std::int16_t attribute = 0;
  oid type{};
  /// Bytes; negative when the type has no fixed width.
  std::int16_t type_size = 0;
  std::int32_t type_modifier = -1;
  format encoding = format::text;

  friend bool operator==(const column_description&, const column_description&) = default;
};

struct row_description {
  static constexpr char type = 'T';
  std::vector<column_description> columns;

  void encode(writer& out) const;
  static decoded<row_description> decode(const_bytes body);
  friend bool operator==(const row_description&, const row_description&) = default;
};

struct parameter_description {
  static constexpr char type = 't';
  std::vector<oid> types;

  void encode(writer& out) const;
  static decoded<parameter_description> decode(const_bytes body);
  friend bool operator==(const parameter_description&, const parameter_description&) = default;
};

struct data_row {
  static constexpr char type = 'D';
  /// Views into the frame; no value is NULL.
  std::vector<std::optional<const_bytes>> fields;

  void encode(writer& out) const;
  static decoded<data_row> decode(const_bytes body);
};

}  // namespace ingestor::pg::wire
