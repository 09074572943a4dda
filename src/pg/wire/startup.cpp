#include "pg/wire/startup.hpp"

#include "pg/wire/reader.hpp"

namespace ingestor::pg::wire {
namespace {

void expect_code(reader& in, std::int32_t code) {
  if (in.int32() != code) in.fail();
}

}  // namespace

void ssl_request::encode(writer& out) const {
  out.begin_untyped();
  out.int32(ssl_request_code);
  out.end();
}

decoded<ssl_request> ssl_request::decode(const_bytes body) {
  reader in{body};
  expect_code(in, ssl_request_code);
  return in.finish("SSLRequest", ssl_request{});
}

void startup_message::encode(writer& out) const {
  out.begin_untyped();
  out.int32(protocol_version_3_0);
  for (const auto& [name, value] : parameters) {
    out.c_string(name);
    out.c_string(value);
  }
  out.byte(0);
  out.end();
}

decoded<startup_message> startup_message::decode(const_bytes body) {
  reader in{body};
  expect_code(in, protocol_version_3_0);
  startup_message message;
  while (in.remaining() > 1) {
    const auto name = in.c_string();
    const auto value = in.c_string();
    if (!in.ok()) break;
    message.parameters.emplace_back(name, value);
  }
  if (in.byte() != 0) in.fail();
  return in.finish("StartupMessage", std::move(message));
}

void cancel_request::encode(writer& out) const {
  out.begin_untyped();
  out.int32(cancel_request_code);
  out.int32(process_id);
  out.int32(secret_key);
  out.end();
}

decoded<cancel_request> cancel_request::decode(const_bytes body) {
  reader in{body};
  expect_code(in, cancel_request_code);
  cancel_request message;
  message.process_id = in.int32();
  message.secret_key = in.int32();
  return in.finish("CancelRequest", message);
}

void negotiate_protocol_version::encode(writer& out) const {
  out.begin(type);
  out.int32(newest_minor);
  out.int32(static_cast<std::int32_t>(unknown_options.size()));
  for (const auto option : unknown_options) out.c_string(option);
  out.end();
}

decoded<negotiate_protocol_version> negotiate_protocol_version::decode(const_bytes body) {
  reader in{body};
  negotiate_protocol_version message;
  message.newest_minor = in.int32();
  const auto options = in.int32();
  if (options < 0 || static_cast<std::size_t>(options) > in.remaining()) in.fail();
  for (std::int32_t i = 0; in.ok() && i < options; ++i) {
    message.unknown_options.push_back(in.c_string());
  }
  return in.finish("NegotiateProtocolVersion", std::move(message));
}

}  // namespace ingestor::pg::wire
