// Authentication requests of the server and the answers to them.
// Source: PostgreSQL documentation, "Message Formats": Authentication*, PasswordMessage,
// SASLInitialResponse, SASLResponse; "SASL Authentication".
#pragma once

#include "pg/wire/malformed.hpp"
#include "pg/wire/writer.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ingestor::pg::wire {

struct authentication_ok {
  friend bool operator==(const authentication_ok&, const authentication_ok&) = default;
};
struct authentication_cleartext_password {
  friend bool operator==(const authentication_cleartext_password&,
                         const authentication_cleartext_password&) = default;
};
struct authentication_md5_password {
  std::array<std::byte, 4> salt{};
  friend bool operator==(const authentication_md5_password&,
                         const authentication_md5_password&) = default;
};
struct authentication_sasl {
  std::vector<std::string_view> mechanisms;
  friend bool operator==(const authentication_sasl&, const authentication_sasl&) = default;
};
struct authentication_sasl_continue {
  std::string_view data;
  friend bool operator==(const authentication_sasl_continue&,
                         const authentication_sasl_continue&) = default;
};
struct authentication_sasl_final {
  std::string_view data;
  friend bool operator==(const authentication_sasl_final&,
                         const authentication_sasl_final&) = default;
};
/// A method that this client does not know (Kerberos, GSSAPI, SSPI …), by its code.
struct authentication_unsupported {
  std::int32_t code = 0;
  friend bool operator==(const authentication_unsupported&,
                         const authentication_unsupported&) = default;
};

struct authentication {
  static constexpr char type = 'R';
  std::variant<authentication_ok, authentication_cleartext_password, authentication_md5_password,
               authentication_sasl, authentication_sasl_continue, authentication_sasl_final,
               authentication_unsupported>
      request;

  void encode(writer& out) const;
  static decoded<authentication> decode(const_bytes body);
  friend bool operator==(const authentication&, const authentication&) = default;
};

/// Answers both the request for clear text and the one for MD5.
struct password_message {
  static constexpr char type = 'p';
  std::string_view password;

  void encode(writer& out) const;
  static decoded<password_message> decode(const_bytes body);
  friend bool operator==(const password_message&, const password_message&) = default;
};

/// What PasswordMessage carries where AuthenticationMD5Password asks for it. Nothing where this
/// system's OpenSSL has no MD5.
std::optional<std::string> md5_answer(std::string_view password, std::string_view user,
                                      const std::array<std::byte, 4>& salt);

struct sasl_initial_response {
  static constexpr char type = 'p';
  std::string_view mechanism;
  std::optional<const_bytes> data;

  void encode(writer& out) const;
  static decoded<sasl_initial_response> decode(const_bytes body);
};

struct sasl_response {
  static constexpr char type = 'p';
  std::string_view data;

  void encode(writer& out) const;
  static decoded<sasl_response> decode(const_bytes body);
  friend bool operator==(const sasl_response&, const sasl_response&) = default;
};

}  // namespace ingestor::pg::wire
