// The first seconds of `run` and `once`.
#pragma once

#include "app/assembly.hpp"
#include "app/preparation.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::app {

/// Brings the schema up to date (or sees that it is there) and asks the bucket.
boost::asio::awaitable<result<void, refusal>> start_up(assembly& parts,
                                                       const config::settings& settings);

}  // namespace ingestor::app
