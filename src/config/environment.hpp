// The environment, and what the host says about this process, as values: everything else in this
// layer is a function of these two and runs in tests without a process of its own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::config {

/// Looks one variable up; nullopt where it is not set. An empty value is the same as none: each
/// reader in this layer treats it so.
using environment = std::function<std::optional<std::string>(std::string_view)>;

/// What getenv(3) says. The only place in the program that asks.
environment process_environment();

struct host_facts {
  std::string hostname;
  int pid = 0;
  /// The operating system's user, whom libpq logs in as where no other is named; may be empty.
  std::string user;
  /// The user's home directory; may be empty.
  std::string home;
  /// The user's ~/.postgresql/root.crt where there is one, as libpq uses it; else empty.
  std::string root_certificate;
  /// ~/.postgresql/postgresql.crt and .key, each where there is one; else empty.
  std::string client_certificate;
  std::string client_key;
  /// ~/.pgpass where there is one; else empty.
  std::string password_file;
};

/// From gethostname(2), getpid(2) and getpwuid_r(3); the host is "localhost" where it has no name.
host_facts this_host();

}  // namespace ingestor::config
