#include "pg/wire/session.hpp"

#include "pg/wire/reader.hpp"

namespace ingestor::pg::wire {

void parameter_status::encode(writer& out) const {
  out.begin(type);
  out.c_string(name);
  out.c_string(value);
  out.end();
}

decoded<parameter_status> parameter_status::decode(const_bytes body) {
  reader in{body};
  parameter_status message;
  message.name = in.c_string();
  message.value = in.c_string();
  return in.finish("ParameterStatus", message);
}

void notification_response::encode(writer& out) const {
  out.begin(type);
  out.int32(process_id);
  out.c_string(channel);
  out.c_string(payload);
  out.end();
}

decoded<notification_response> notification_response::decode(const_bytes body) {
  reader in{body};
  notification_response message;
  message.process_id = in.int32();
  message.channel = in.c_string();
  message.payload = in.c_string();
  return in.finish("NotificationResponse", message);
}

void backend_key_data::encode(writer& out) const {
  out.begin(type);
  out.int32(process_id);
  out.int32(secret_key);
  out.end();
}

decoded<backend_key_data> backend_key_data::decode(const_bytes body) {
  reader in{body};
  backend_key_data message;
  message.process_id = in.int32();
  message.secret_key = in.int32();
  return in.finish("BackendKeyData", message);
}

void ready_for_query::encode(writer& out) const {
  out.begin(type);
  out.byte(static_cast<std::uint8_t>(transaction_status));
  out.end();
}

decoded<ready_for_query> ready_for_query::decode(const_bytes body) {
  reader in{body};
  const auto status = static_cast<char>(in.byte());
  if (status != 'I' && status != 'T' && status != 'E') in.fail();
  return in.finish("ReadyForQuery", ready_for_query{status});
}

}  // namespace ingestor::pg::wire
