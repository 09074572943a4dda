#include "pg/fsm/password_file.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ingestor::pg::fsm {
namespace {

std::string_view take_line(std::string_view& rest) {
  auto line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// One field, without its escapes; the colon behind it is taken too.
struct field {
  std::string text;
  bool any = false;
  bool closed = false;
};

field take_field(std::string_view& rest) {
  field out;
  out.any = rest.starts_with('*') && rest.substr(1).starts_with(':');
  std::size_t at = 0;
  for (; at < rest.size() && rest[at] != ':'; ++at) {
    if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
    out.text += rest[at];
  }
  out.closed = at < rest.size();
  rest.remove_prefix(out.closed ? at + 1 : at);
  return out;
}

bool fits(std::string_view& rest, std::string_view wanted) {
  const auto found = take_field(rest);
  return found.closed && (found.any || found.text == wanted);
}

std::string_view host_of(const server_address& server) {
  return server.host == default_socket_directory ? "localhost" : std::string_view{server.host};
}

}  // namespace

std::optional<secret> find_password(std::string_view file, const server_address& server,
                                    std::string_view database, std::string_view user) {
  const auto port = std::to_string(server.port);
  while (!file.empty()) {
    auto line = take_line(file);
    if (line.starts_with('#')) continue;
    if (fits(line, host_of(server)) && fits(line, port) && fits(line, database) &&
        fits(line, user)) {
      return secret{take_field(line).text};
    }
  }
  return std::nullopt;
}

}  // namespace ingestor::pg::fsm
