// A fetcher: a database connection first, then a claim, then S3. The database pulls.
#pragma once

#include "ingest/pipeline.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::ingest {

enum class until {
  /// Works until the service stops.
  stopped,
  /// Works until discovery has ended and nothing is left that may be claimed.
  drained
};

/// Claims and loads, one claim at a time. When cancelled it leaves its claims to the keeper, for
/// the service to give back.
boost::asio::awaitable<void> fetch(pipeline& on, until when);

}  // namespace ingestor::ingest
