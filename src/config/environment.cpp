#include "config/environment.hpp"

#include <array>
#include <cstdlib>
#include <pwd.h>
#include <unistd.h>
#include <utility>

namespace ingestor::config {
namespace {

/// In a container the user may be a bare number without an entry: then nothing is known of it.
void add_user(host_facts& into) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0) return;
  if (found == nullptr) return;
  into.user = found->pw_name;
  const std::string home = found->pw_dir;
  into.home = home;
  const auto there = [](const std::string& file) { return access(file.c_str(), F_OK) == 0; };
  if (auto file = home + "/.postgresql/root.crt"; there(file)) {
    into.root_certificate = std::move(file);
  }
  if (auto file = home + "/.postgresql/postgresql.crt"; there(file)) {
    into.client_certificate = std::move(file);
  }
  if (auto file = home + "/.postgresql/postgresql.key"; there(file)) {
    into.client_key = std::move(file);
  }
  if (auto file = home + "/.pgpass"; there(file)) into.password_file = std::move(file);
}

}  // namespace

environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string{name}.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string{value};
  };
}

host_facts this_host() {
  // One byte more than POSIX allows a host name to have, for a terminator that gethostname() may
  // leave out.
  std::array<char, 256> name{};
  const bool named = gethostname(name.data(), name.size() - 1) == 0 && name.front() != '\0';
  host_facts out;
  out.hostname = named ? name.data() : "localhost";
  out.pid = static_cast<int>(getpid());
  add_user(out);
  return out;
}

}  // namespace ingestor::config
