#include "pg/wire/copy.hpp"

#include "pg/wire/reader.hpp"

#include <cassert>

namespace ingestor::pg::wire {
namespace {

format format_of(std::int16_t code, reader& in) {
  if (code != 0 && code != 1) in.fail();
  return static_cast<format>(code);
}

}  // namespace

template <char Type>
void copy_response<Type>::encode(writer& out) const {
  out.begin(type);
  out.byte(static_cast<std::uint8_t>(overall));
  out.count(columns.size());
  for (const auto each : columns) out.int16(static_cast<std::int16_t>(each));
  out.end();
}

template <char Type>
decoded<copy_response<Type>> copy_response<Type>::decode(const_bytes body) {
  reader in{body};
  copy_response message;
  message.overall = format_of(in.byte(), in);
  message.columns.resize(in.count(sizeof(std::int16_t)));
  for (auto& each : message.columns) each = format_of(in.int16(), in);
  return in.finish("CopyResponse", std::move(message));
}

template struct copy_response<'G'>;
template struct copy_response<'H'>;
template struct copy_response<'W'>;

void copy_data::encode(writer& out) const {
  out.begin(type);
  out.bytes(data);
  out.end();
}

decoded<copy_data> copy_data::decode(const_bytes body) {
  return copy_data{body};
}

std::array<std::byte, 5> copy_data_header(std::size_t payload_bytes) {
  assert(payload_bytes <= message_bytes_max - 4);
  const auto length = payload_bytes + 4;
  return {std::byte{'d'}, static_cast<std::byte>(length >> 24 & 0xff),
          static_cast<std::byte>(length >> 16 & 0xff), static_cast<std::byte>(length >> 8 & 0xff),
          static_cast<std::byte>(length & 0xff)};
}

void copy_fail::encode(writer& out) const {
  out.begin(type);
  out.c_string(reason);
  out.end();
}

decoded<copy_fail> copy_fail::decode(const_bytes body) {
  reader in{body};
  const auto reason = in.c_string();
  return in.finish("CopyFail", copy_fail{reason});
}

}  // namespace ingestor::pg::wire
