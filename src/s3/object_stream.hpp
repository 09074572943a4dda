// The body of one object, read piece by piece.
//
// A body that breaks off is asked for again from the very byte, and only the same version of the
// object will do (Range with If-Match), so that its reader notices nothing.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "s3/get_object.hpp"
#include "s3/proto/get_object.hpp"
#include "s3/requester.hpp"
#include "s3/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace ingestor::s3 {

/// Movable; must not outlive the client that opened it. Destroyed after its last piece its
/// connection goes back to the pool, before that it is closed.
class object_stream {
 public:
  object_stream(requester& on, std::string key, std::int64_t first_byte, opened_object opened);

  /// The next piece, valid until the next read(); empty: the whole body has arrived, to the byte
  /// that Content-Length promised, and its checksum is the one that S3 has stored, where there is
  /// one. A body that breaks off or stalls is resumed, at most `resumes_in_a_row_max` times without
  /// `progress_bytes_min` in between; then it is an error (transient), and every further read()
  /// repeats it. Another version is precondition_failed. Nothing is fetched between calls beyond
  /// what the socket's buffer holds. Cancellation: ends at once with error_kind::cancelled.
  boost::asio::awaitable<result<const_bytes>> read();

  static constexpr int resumes_in_a_row_max = 4;
  static constexpr std::int64_t progress_bytes_min = std::int64_t{64} * 1024;

  /// Without its quotation marks.
  const std::string& etag() const { return facts_.etag; }
  /// Bytes of this body; -1 when the server sends it in chunks and does not say.
  std::int64_t content_length() const { return facts_.content_length; }
  /// 1970 when the server does not say.
  timestamp last_modified() const { return facts_.last_modified; }

 private:
  result<const_bytes> take(const_bytes piece);
  result<const_bytes> finish();
  boost::asio::awaitable<result<void>> resume(error why);
  error fail(error why);

  requester* on_;
  std::string key_;
  std::int64_t position_;  // of the next byte
  proto::object_facts facts_;
  opened_object now_;
  bool ended_ = false;
  attempts resumes_{resumes_in_a_row_max + 1};  // since there was progress
  std::int64_t resumed_at_;
  std::optional<error> failure_;
};

}  // namespace ingestor::s3
