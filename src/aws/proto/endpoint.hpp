// Where a service is: the URL of its endpoint (RFC 3986).
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ingestor::aws {

struct endpoint {
  bool tls = true;
  /// A name in lower case, or an address; an IPv6 address without its brackets.
  std::string host;
  std::uint16_t port = 443;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Reads `http://127.0.0.1:4566`, `https://minio.example:9000/`, `http://[::1]:9000`. The error
/// says what is wrong with the text and what it should look like; it does not repeat a password.
ingestor::result<endpoint, std::string> parse_endpoint(std::string_view url);

/// What the Host header says: the port is left out where it is the scheme's own.
std::string authority(const endpoint& where);

/// For people: scheme and authority.
std::string url_of(const endpoint& where);

}  // namespace ingestor::aws
