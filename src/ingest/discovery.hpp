// Finds objects: S3's listing, page by page, into the ledger.
#pragma once

#include "ingest/pipeline.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::ingest {

enum class discovered {
  /// The listing was read to its end.
  all,
  /// The service is stopping.
  stopped
};

/// One pass over the bucket. S3 or database trouble is waited out on the page where it began, so a
/// pass ends only at the end of the listing or when the service stops.
boost::asio::awaitable<discovered> discover(pipeline& on);

/// Passes for ever, INGESTOR_POLL_INTERVAL apart, until the service stops.
boost::asio::awaitable<void> keep_discovering(pipeline& on);

/// Returns all due files to the queue, once; false when the database could not be asked.
boost::asio::awaitable<bool> requeue_due(pipeline& on);

/// The same every few seconds, until the service stops.
boost::asio::awaitable<void> keep_requeueing(pipeline& on);

}  // namespace ingestor::ingest
