// An object that changed after it was listed.
#pragma once

#include "ingest/pipeline.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::ingest {

/// Asks S3 what the object is now, and puts it back into the queue as that. An object that is gone
/// goes back as it was: the next attempt finds it gone and fails it.
boost::asio::awaitable<void> relist(pipeline& on, ledger::claimed_file file);

}  // namespace ingestor::ingest
