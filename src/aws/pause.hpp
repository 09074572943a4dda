// The wait between two attempts.
#pragma once

#include "aws/limits.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::aws {

/// Behind attempt number `attempt`, from 1. False: cancelled.
boost::asio::awaitable<bool> pause_after(int attempt, const limits& within);

}  // namespace ingestor::aws
