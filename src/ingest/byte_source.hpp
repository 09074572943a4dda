// Where an object's stored bytes come from.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "ingest/failure.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::ingest {

class byte_source {
 public:
  byte_source() = default;
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;
  virtual ~byte_source() = default;

  /// Begins at the first byte; may be called again, for the same bytes.
  virtual boost::asio::awaitable<result<void, failure>> open() = 0;

  /// Of the object that was opened.
  virtual timestamp last_modified() const = 0;

  /// The next bytes, valid until the next call; none: the object has ended, completely.
  virtual boost::asio::awaitable<result<const_bytes, failure>> read() = 0;
};

}  // namespace ingestor::ingest
