// An object is not the version that was listed: looks it up anew.
#pragma once

#include "ingest/pipeline.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::ingest {

enum class relisted {
  /// Another version is listed by now, and is pending under its ETag.
  changed,
  /// It is listed as it was claimed.
  unchanged,
  /// It is gone, or S3 or the database could not be asked.
  unknown
};

boost::asio::awaitable<relisted> relist(pipeline& on, ledger::claimed_file file);

}  // namespace ingestor::ingest
