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
  auto certificate = std::string{found->pw_dir} + "/.postgresql/root.crt";
  if (access(certificate.c_str(), R_OK) == 0) into.root_certificate = std::move(certificate);
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
  host_facts out{.hostname = named ? name.data() : "localhost",
                 .pid = static_cast<int>(getpid()),
                 .user = {},
                 .root_certificate = {}};
  add_user(out);
  return out;
}

}  // namespace ingestor::config
