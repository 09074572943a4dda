// Where the database is and how to log in to it: the meaning of a libpq connection URI.
// Source: PostgreSQL documentation, "Connection Strings", "Parameter Key Words".
#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::pg {

/// Where Debian's libpq looks for a server when no host is given.
inline constexpr std::string_view default_socket_directory = "/var/run/postgresql";

/// A server that may be tried. A host that begins with '/' is the directory of a unix socket.
struct server_address {
  std::string host;
  std::uint16_t port = 5432;

  bool is_unix() const { return host.starts_with('/'); }
  /// "/dir/.s.PGSQL.5432"; unix only.
  std::string socket_path() const;
  /// "host:port", "[::1]:5432" or the socket's path: for people.
  std::string text() const;

  friend bool operator==(const server_address&, const server_address&) = default;
};

enum class ssl_mode {
  disable,      ///< never TLS
  allow,        ///< TLS if the server refuses us without; protects from nobody who is active
  prefer,       ///< TLS if the server has it, else not; protects from nobody who is active
  require,      ///< TLS, with whomever (with a root certificate: as verify_ca)
  verify_ca,    ///< TLS with a certificate of a known authority
  verify_full,  ///< and it names the host we asked for
};

/// How TLS begins.
enum class ssl_negotiation {
  postgres,  ///< it is asked for by SSLRequest
  direct,    ///< at once, with ALPN; servers from 17 on
};

/// Whether SCRAM proves that it runs over the very TLS session that the server sees.
enum class channel_binding {
  disable,
  prefer,   ///< where both sides can
  require,  ///< or no login at all
};

enum class session_attributes { any, read_write, read_only, primary, standby, prefer_standby };

/// Which ways of logging in are acceptable. The two that show the password to whoever plays the
/// server, or its hash to whoever listens, are so only where require_auth names them.
struct allowed_authentication {
  bool none = true;
  bool scram_sha_256 = true;
  bool password = false;
  bool md5 = false;

  friend bool operator==(const allowed_authentication&, const allowed_authentication&) = default;
};

/// How soon a peer that vanished is noticed. 0: the operating system's own value.
struct keepalive_options {
  bool enabled = true;
  std::chrono::seconds idle{0};
  std::chrono::seconds interval{0};
  std::uint16_t count = 0;
  /// How long sent data may stay unacknowledged.
  std::chrono::milliseconds user_timeout{0};

  friend bool operator==(const keepalive_options&, const keepalive_options&) = default;
};

struct connection_options {
  /// Tried in this order; never empty.
  std::vector<server_address> servers;
  std::string user;
  secret password;
  /// Where a password is looked up for each server when `password` is empty; empty for nowhere.
  std::string passfile;
  /// Why there is no password, where somebody may wonder; for the error of a server that wants one.
  std::string password_remark;
  std::string database;
  ssl_mode sslmode = ssl_mode::prefer;
  /// A PEM file, "system" for the operating system's authorities, empty for none. With prefer and
  /// require a file that does not exist is none.
  std::string sslrootcert;
  ssl_negotiation sslnegotiation = ssl_negotiation::postgres;
  /// Our own certificate and its key, PEM files; both empty for none.
  std::string sslcert;
  std::string sslkey;
  /// Opens `sslkey`, where that is encrypted.
  secret sslpassword;
  channel_binding binding = channel_binding::prefer;
  allowed_authentication authentication;
  session_attributes target = session_attributes::any;
  std::string application_name;
  /// Command-line options for the server process; poolers refuse them, so empty sends none.
  std::string options;
  /// For each address of a server; 0: only the deadline of the whole attempt counts. As libpq's:
  /// never 1 (that becomes 2), and what is negative is 0.
  std::chrono::seconds connect_timeout{0};
  keepalive_options keepalives;
  /// All rows of one operation together, in bytes.
  std::size_t result_bytes_max = 64U * 1024 * 1024;
};

/// What libpq takes from the environment of the process. It is passed in: this layer looks at
/// nothing but its arguments.
struct connection_defaults {
  /// PGPASSWORD; a password in the URI wins.
  secret password;
  /// The name of the operating system's user; PGUSER.
  std::string user;
  /// ~/.postgresql/root.crt where that exists; PGSSLROOTCERT.
  std::string sslrootcert;
  /// ~/.postgresql/postgresql.crt and .key, each where it exists; PGSSLCERT, PGSSLKEY.
  std::string sslcert;
  std::string sslkey;
  /// PGPASSFILE, or ~/.pgpass where that exists.
  std::string passfile;
};

/// Reads "postgresql://…" or "postgres://…". The error lists every mistake, each naming the
/// parameter and the remedy. No mistake quotes the password or what might be a part of it.
ingestor::result<connection_options, std::vector<std::string>> parse_connection_uri(
    std::string_view uri, const connection_defaults& defaults = {});

}  // namespace ingestor::pg
