// The password file, read.
#pragma once

#include "pg/fsm/connection_options.hpp"

#include <cstddef>

namespace ingestor::pg {

/// A line is some hundred bytes; a file of more than this is something else.
inline constexpr std::size_t passfile_bytes_max = 1024U * 1024;

/// Where `options` have no password, looks it up for `server` in their password file, which is read
/// each time, so that a changed one is noticed. As with libpq the file is not used when it is no
/// plain file, or its group or others have any right to it; unlike there, password_remark says so.
void add_password(connection_options& options, const server_address& server);

}  // namespace ingestor::pg
