// The syntax of a connection URI, before anything in it has a meaning:
// postgresql://[user[:password]@][host[:port],…][/database][?name=value&…]
// Source: PostgreSQL documentation, "Connection URIs"; where it leaves things open, libpq.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::pg::fsm {

struct uri_settings {
  /// Percent-decoded, in the order found: user, password, host and port (comma-separated lists),
  /// dbname, then the query. The last of a name wins.
  std::vector<std::pair<std::string, std::string>> settings;
  /// There is an '@' where none belongs, or a port that is no number: most likely a password that
  /// is not percent-encoded, or that no host follows. Then any other part may hold a piece of it,
  /// and nothing may be quoted.
  bool may_hold_password_pieces = false;
};

ingestor::result<uri_settings, std::vector<std::string>> split_connection_uri(std::string_view uri);

}  // namespace ingestor::pg::fsm
