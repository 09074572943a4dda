// The password file: hostname:port:database:username:password, one server a line, the first that
// fits counts. Source: PostgreSQL documentation, "The Password File".
#pragma once

#include "base/secret.hpp"
#include "pg/fsm/connection_options.hpp"

#include <optional>
#include <string_view>

namespace ingestor::pg::fsm {

/// A field `*` fits everything; `\:` and `\\` stand for what follows the backslash; lines that
/// begin with # say nothing. The default socket directory goes by the name "localhost", as with
/// libpq. Nothing where no line fits.
std::optional<secret> find_password(std::string_view file, const server_address& server,
                                    std::string_view database, std::string_view user);

}  // namespace ingestor::pg::fsm
