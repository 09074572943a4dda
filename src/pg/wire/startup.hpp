// The messages that open a connection, or a connection whose only purpose is to cancel what
// another one does. They have no type byte.
// Source: PostgreSQL documentation, "Message Formats": StartupMessage, SSLRequest, CancelRequest,
// NegotiateProtocolVersion.
#pragma once

#include "pg/wire/malformed.hpp"
#include "pg/wire/writer.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::pg::wire {

inline constexpr std::int32_t protocol_version_3_0 = 196'608;
inline constexpr std::int32_t ssl_request_code = 80'877'103;
inline constexpr std::int32_t cancel_request_code = 80'877'102;

struct ssl_request {
  void encode(writer& out) const;
  /// `body` is what follows the length field; so it is for the two below.
  static decoded<ssl_request> decode(const_bytes body);
  friend bool operator==(const ssl_request&, const ssl_request&) = default;
};

struct startup_message {
  /// Names and values, in the order sent; "user" is the one the server insists on.
  std::vector<std::pair<std::string_view, std::string_view>> parameters;

  void encode(writer& out) const;
  static decoded<startup_message> decode(const_bytes body);
  friend bool operator==(const startup_message&, const startup_message&) = default;
};

struct cancel_request {
  std::int32_t process_id = 0;
  std::int32_t secret_key = 0;

  void encode(writer& out) const;
  static decoded<cancel_request> decode(const_bytes body);
  friend bool operator==(const cancel_request&, const cancel_request&) = default;
};

/// The server knows less than was asked for.
struct negotiate_protocol_version {
  static constexpr char type = 'v';
  std::int32_t newest_minor = 0;
  std::vector<std::string_view> unknown_options;

  void encode(writer& out) const;
  static decoded<negotiate_protocol_version> decode(const_bytes body);
  friend bool operator==(const negotiate_protocol_version&,
                         const negotiate_protocol_version&) = default;
};

}  // namespace ingestor::pg::wire
