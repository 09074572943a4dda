#include "pg/wire/authentication.hpp"

#include "base/hex.hpp"
#include "pg/wire/reader.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <span>

namespace ingestor::pg::wire {
namespace {

enum code : std::int32_t {
  code_ok = 0,
  code_cleartext = 3,
  code_md5 = 5,
  code_sasl = 10,
  code_sasl_continue = 11,
  code_sasl_final = 12,
};

std::optional<std::string> md5_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned bytes = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &bytes, EVP_md5(), nullptr) != 1) {
    return std::nullopt;
  }
  return hex(std::span{digest}.first(bytes));
}

struct encoder {
  writer& out;

  void operator()(const authentication_ok&) const { out.int32(code_ok); }
  void operator()(const authentication_cleartext_password&) const { out.int32(code_cleartext); }
  void operator()(const authentication_md5_password& request) const {
    out.int32(code_md5);
    out.bytes(request.salt);
  }
  void operator()(const authentication_sasl& request) const {
    out.int32(code_sasl);
    for (const auto mechanism : request.mechanisms) out.c_string(mechanism);
    out.byte(0);
  }
  void operator()(const authentication_sasl_continue& request) const {
    out.int32(code_sasl_continue);
    out.bytes(as_bytes(request.data));
  }
  void operator()(const authentication_sasl_final& request) const {
    out.int32(code_sasl_final);
    out.bytes(as_bytes(request.data));
  }
  void operator()(const authentication_unsupported& request) const { out.int32(request.code); }
};

authentication_md5_password read_md5(reader& in) {
  authentication_md5_password request;
  const auto salt = in.bytes(request.salt.size());
  std::copy(salt.begin(), salt.end(), request.salt.begin());
  return request;
}

authentication_sasl read_sasl(reader& in) {
  authentication_sasl request;
  while (in.remaining() > 1) {
    const auto mechanism = in.c_string();
    if (!in.ok()) break;
    request.mechanisms.push_back(mechanism);
  }
  if (in.byte() != 0) in.fail();
  return request;
}

}  // namespace

void authentication::encode(writer& out) const {
  out.begin(type);
  std::visit(encoder{out}, request);
  out.end();
}

decoded<authentication> authentication::decode(const_bytes body) {
  reader in{body};
  authentication message;
  const auto code = in.int32();
  switch (code) {
    case code_ok:
      break;
    case code_cleartext:
      message.request = authentication_cleartext_password{};
      break;
    case code_md5:
      message.request = read_md5(in);
      break;
    case code_sasl:
      message.request = read_sasl(in);
      break;
    case code_sasl_continue:
      message.request = authentication_sasl_continue{as_text(in.rest())};
      break;
    case code_sasl_final:
      message.request = authentication_sasl_final{as_text(in.rest())};
      break;
    default:
      // What such a request carries is its own business; it is refused by its code.
      in.rest();
      message.request = authentication_unsupported{code};
  }
  return in.finish("Authentication", std::move(message));
}

void password_message::encode(writer& out) const {
  out.begin(type);
  out.c_string(password);
  out.end();
}

decoded<password_message> password_message::decode(const_bytes body) {
  reader in{body};
  return in.finish("PasswordMessage", password_message{in.c_string()});
}

std::optional<std::string> md5_answer(std::string_view password, std::string_view user,
                                      const std::array<std::byte, 4>& salt) {
  const auto stored = md5_hex(std::string{password}.append(user));
  if (!stored) return std::nullopt;
  const auto answer = md5_hex(std::string{*stored}.append(as_text(salt)));
  if (!answer) return std::nullopt;
  return "md5" + *answer;
}

void sasl_initial_response::encode(writer& out) const {
  out.begin(type);
  out.c_string(mechanism);
  out.field(data);
  out.end();
}

decoded<sasl_initial_response> sasl_initial_response::decode(const_bytes body) {
  reader in{body};
  sasl_initial_response message;
  message.mechanism = in.c_string();
  message.data = in.field();
  return in.finish("SASLInitialResponse", message);
}

void sasl_response::encode(writer& out) const {
  out.begin(type);
  out.bytes(as_bytes(data));
  out.end();
}

decoded<sasl_response> sasl_response::decode(const_bytes body) {
  reader in{body};
  return in.finish("SASLResponse", sasl_response{as_text(in.rest())});
}

}  // namespace ingestor::pg::wire
