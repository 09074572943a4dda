// The first seconds of `run` and `once`.
#pragma once

#include "app/assembly.hpp"
#include "config/settings.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::app {

/// Brings the schema up to date (or sees that it is there) and asks the bucket. False when either
/// fails; the reason has then been told on stderr.
boost::asio::awaitable<bool> start_up(assembly& parts, const config::settings& settings);

}  // namespace ingestor::app
