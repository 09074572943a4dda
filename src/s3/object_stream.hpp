// The body of one object, read piece by piece.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "http/client_response.hpp"
#include "s3/proto/get_object.hpp"
#include "s3/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

namespace ingestor::s3 {

/// Movable; may outlive the client that opened it. Destroyed after its last piece its connection
/// goes back to the pool, before that it is closed.
class object_stream {
 public:
  /// `about` says what was asked, for errors.
  object_stream(http::client_response body, proto::object_facts facts, error about);

  /// The next piece, valid until the next read(); empty: the whole body has arrived, to the byte
  /// that Content-Length promised. A body that ends early or stalls is an error (transient), and
  /// every further read() repeats it. Nothing is fetched between calls beyond what the socket's
  /// buffer holds. Cancellation: ends at once with error_kind::cancelled.
  boost::asio::awaitable<result<const_bytes>> read();

  /// Without its quotation marks.
  const std::string& etag() const { return facts_.etag; }
  /// Bytes of this body; -1 when the server sends it in chunks and does not say.
  std::int64_t content_length() const { return facts_.content_length; }
  /// 1970 when the server does not say.
  timestamp last_modified() const { return facts_.last_modified; }

 private:
  http::client_response body_;
  proto::object_facts facts_;
  error about_;
};

}  // namespace ingestor::s3
