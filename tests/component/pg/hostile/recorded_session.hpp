// A session with a real server, as a script, and the client's part in it.
#pragma once

#include "pg/wire/copy_binary.hpp"
#include "script.hpp"
#include "session_play.hpp"

#include <string_view>
#include <vector>

namespace ingestor::pg {

/// What PostgreSQL 15 answered, recorded by record_session.py, behind a login with SCRAM: settings,
/// rows of ten types, an error, a script with a notice, a notification and a changed setting, a
/// pipeline, a COPY with a notice a row, and one whose rows are refused.
script recorded_session(bool over_tls);

/// The operations of live_recorded_session(), in the order in which it notes them, and how each
/// ends in the session as it was recorded: the SQLSTATE of its error, or empty.
struct recorded_operation {
  std::string_view name;
  std::string_view sqlstate;
};
extern const std::vector<recorded_operation> recorded_operations;

/// Reads every row, and goes on for as long as the session is usable.
boost::asio::awaitable<void> live_recorded_session(client_role& on);

}  // namespace ingestor::pg
