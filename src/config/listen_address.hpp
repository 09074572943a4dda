// Where the HTTP server listens: an address or a name, and a port, such as `0.0.0.0:8080`,
// `[::]:8080` or `localhost:8080`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::config {

struct listen_address {
  /// An IPv4 or IPv6 address, without brackets, or a name.
  std::string host;
  /// 0: a free port, chosen by the system.
  std::uint16_t port = 0;

  friend bool operator==(const listen_address&, const listen_address&) = default;
};

/// Asks nobody what a name stands for.
std::optional<listen_address> parse_listen_address(std::string_view text);

}  // namespace ingestor::config
