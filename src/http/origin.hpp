// Whom a client talks to: a scheme, a host and a port (RFC 6454).
#pragma once

#include <cstdint>
#include <string>

namespace ingestor::http {

struct origin {
  bool tls = false;
  std::string host;  ///< a name or an address; IPv6 without brackets
  std::uint16_t port = 0;
};

/// For messages: host:port.
inline std::string name_of(const origin& where) {
  const bool ipv6 = where.host.find(':') != std::string::npos;
  return (ipv6 ? '[' + where.host + ']' : where.host) + ':' + std::to_string(where.port);
}

}  // namespace ingestor::http
