// The reading half of the pipeline: pulls an object through its decoder into a staging.
#pragma once

#include "base/result.hpp"
#include "ingest/byte_source.hpp"
#include "ingest/object_decoder.hpp"
#include "ingest/staging.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::ingest {

enum class filled {
  /// The staging is full; there is more of the object.
  full,
  /// The object has ended, and all of it is staged.
  end
};

/// Opens `source` and makes `decoder` ready for it.
boost::asio::awaitable<result<void, failure>> open(byte_source& source, object_decoder& decoder,
                                                   normalise::source from);

/// Reads until the staging is full or the object ends. Leaves the loop to others about every
/// millisecond. All three must outlive the call; the staging must be clear or the rest of the same
/// object's.
boost::asio::awaitable<result<filled, failure>> fill(byte_source& source, object_decoder& decoder,
                                                     normalise::source from, staging& into);

}  // namespace ingestor::ingest
