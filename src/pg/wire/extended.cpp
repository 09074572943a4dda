#include "pg/wire/extended.hpp"

#include "pg/wire/reader.hpp"

namespace ingestor::pg::wire {
namespace {

void write_formats(writer& out, const std::vector<format>& formats) {
  out.count(formats.size());
  for (const auto each : formats) out.int16(static_cast<std::int16_t>(each));
}

std::vector<format> read_formats(reader& in) {
  std::vector<format> formats(in.count(sizeof(std::int16_t)));
  for (auto& each : formats) {
    const auto code = in.int16();
    if (code != 0 && code != 1) in.fail();
    each = static_cast<format>(code);
  }
  return formats;
}

target read_target(reader& in) {
  const auto code = static_cast<char>(in.byte());
  if (code != 'S' && code != 'P') in.fail();
  return static_cast<target>(code);
}

}  // namespace

void parse::encode(writer& out) const {
  out.begin(type);
  out.c_string(statement);
  out.c_string(sql);
  out.count(parameter_types.size());
  for (const auto each : parameter_types) out.int32(static_cast<std::int32_t>(each));
  out.end();
}

decoded<parse> parse::decode(const_bytes body) {
  reader in{body};
  parse message;
  message.statement = in.c_string();
  message.sql = in.c_string();
  message.parameter_types.resize(in.count(sizeof(std::int32_t)));
  for (auto& each : message.parameter_types) each = static_cast<oid>(in.int32());
  return in.finish("Parse", std::move(message));
}

void bind::encode(writer& out) const {
  out.begin(type);
  out.c_string(portal);
  out.c_string(statement);
  write_formats(out, parameter_formats);
  out.count(parameters.size());
  for (const auto& each : parameters) out.field(each);
  write_formats(out, result_formats);
  out.end();
}

decoded<bind> bind::decode(const_bytes body) {
  reader in{body};
  bind message;
  message.portal = in.c_string();
  message.statement = in.c_string();
  message.parameter_formats = read_formats(in);
  message.parameters.resize(in.count(sizeof(std::int32_t)));
  for (auto& each : message.parameters) each = in.field();
  message.result_formats = read_formats(in);
  return in.finish("Bind", std::move(message));
}

void describe::encode(writer& out) const {
  out.begin(type);
  out.byte(static_cast<std::uint8_t>(what));
  out.c_string(name);
  out.end();
}

decoded<describe> describe::decode(const_bytes body) {
  reader in{body};
  describe message;
  message.what = read_target(in);
  message.name = in.c_string();
  return in.finish("Describe", message);
}

void execute::encode(writer& out) const {
  out.begin(type);
  out.c_string(portal);
  out.int32(rows_max);
  out.end();
}

decoded<execute> execute::decode(const_bytes body) {
  reader in{body};
  execute message;
  message.portal = in.c_string();
  message.rows_max = in.int32();
  return in.finish("Execute", message);
}

void close::encode(writer& out) const {
  out.begin(type);
  out.byte(static_cast<std::uint8_t>(what));
  out.c_string(name);
  out.end();
}

decoded<close> close::decode(const_bytes body) {
  reader in{body};
  close message;
  message.what = read_target(in);
  message.name = in.c_string();
  return in.finish("Close", message);
}

}  // namespace ingestor::pg::wire
