#include "pg/wire/notice.hpp"

#include "pg/wire/reader.hpp"

namespace ingestor::pg::wire {

std::string_view notice_fields::get(char code) const {
  for (const auto& [name, value] : fields) {
    if (name == code) return value;
  }
  return {};
}

void notice_fields::encode(writer& out) const {
  for (const auto& [name, value] : fields) {
    out.byte(static_cast<std::uint8_t>(name));
    out.c_string(value);
  }
  out.byte(0);
}

decoded<notice_fields> notice_fields::decode(const_bytes body) {
  reader in{body};
  notice_fields message;
  while (const auto code = in.byte()) {
    const auto value = in.c_string();
    if (message.fields.size() == notice_fields_max) in.fail();
    if (!in.ok()) break;
    message.fields.emplace_back(static_cast<char>(code), value);
  }
  return in.finish("ErrorResponse or NoticeResponse", std::move(message));
}

void error_response::encode(writer& out) const {
  out.begin(type);
  notice_fields::encode(out);
  out.end();
}

decoded<error_response> error_response::decode(const_bytes body) {
  auto fields = notice_fields::decode(body);
  if (!fields) return fields.error();
  return error_response{std::move(*fields)};
}

void notice_response::encode(writer& out) const {
  out.begin(type);
  notice_fields::encode(out);
  out.end();
}

decoded<notice_response> notice_response::decode(const_bytes body) {
  auto fields = notice_fields::decode(body);
  if (!fields) return fields.error();
  return notice_response{std::move(*fields)};
}

}  // namespace ingestor::pg::wire
