// `inspect` of all objects below a prefix, or of all files below a folder.
#pragma once

#include "app/command_line.hpp"
#include "app/event_loop.hpp"
#include "config/settings.hpp"
#include "ingest/inspect_walk.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::app {

/// Shows how far it is, prints what was found, also after a signal or an error that ended it early,
/// and returns the exit code. Takes the first signal over. All must outlive the operation.
boost::asio::awaitable<int> inspect_many(event_loop& loop, ingest::file_walk& walk,
                                         const config::settings& settings,
                                         const inspect_command& options);

}  // namespace ingestor::app
