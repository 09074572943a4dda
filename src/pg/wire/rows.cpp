#include "pg/wire/rows.hpp"

#include "pg/wire/reader.hpp"

namespace ingestor::pg::wire {
namespace {

/// An empty name and the fixed fields behind it.
constexpr std::size_t column_bytes_min = 19;

void write_column(writer& out, const column_description& column) {
  out.c_string(column.name);
  out.int32(static_cast<std::int32_t>(column.table));
  out.int16(column.attribute);
  out.int32(static_cast<std::int32_t>(column.type));
  out.int16(column.type_size);
  out.int32(column.type_modifier);
  out.int16(static_cast<std::int16_t>(column.encoding));
}

column_description read_column(reader& in) {
  column_description column;
  column.name = in.c_string();
  column.table = static_cast<std::uint32_t>(in.int32());
  column.attribute = in.int16();
  column.type = static_cast<oid>(in.int32());
  column.type_size = in.int16();
  column.type_modifier = in.int32();
  const auto encoding = in.int16();
  if (encoding != 0 && encoding != 1) in.fail();
  column.encoding = static_cast<format>(encoding);
  return column;
}

std::size_t read_columns(reader& in, std::size_t bytes_min) {
  const auto columns = in.count(bytes_min);
  if (columns > columns_max) in.fail();
  return in.ok() ? columns : 0;
}

}  // namespace

void row_description::encode(writer& out) const {
  out.begin(type);
  out.count(columns.size());
  for (const auto& each : columns) write_column(out, each);
  out.end();
}

decoded<row_description> row_description::decode(const_bytes body) {
  reader in{body};
  row_description message;
  message.columns.resize(read_columns(in, column_bytes_min));
  for (auto& each : message.columns) each = read_column(in);
  return in.finish("RowDescription", std::move(message));
}

void parameter_description::encode(writer& out) const {
  out.begin(type);
  out.count(types.size());
  for (const auto each : types) out.int32(static_cast<std::int32_t>(each));
  out.end();
}

decoded<parameter_description> parameter_description::decode(const_bytes body) {
  reader in{body};
  parameter_description message;
  message.types.resize(in.count(sizeof(std::int32_t)));
  for (auto& each : message.types) each = static_cast<oid>(in.int32());
  return in.finish("ParameterDescription", std::move(message));
}

void data_row::encode(writer& out) const {
  out.begin(type);
  out.count(fields.size());
  for (const auto& each : fields) out.field(each);
  out.end();
}

decoded<data_row> data_row::decode(const_bytes body) {
  reader in{body};
  data_row message;
  message.fields.resize(read_columns(in, sizeof(std::int32_t)));
  for (auto& each : message.fields) each = in.field();
  return in.finish("DataRow", std::move(message));
}

}  // namespace ingestor::pg::wire
