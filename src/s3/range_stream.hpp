// Bytes of one version of an object, over one connection at a time.
//
// A body that breaks off is asked for again from the very byte, and only the same version of the
// object will do (Range with If-Match), so that its reader notices nothing.
#pragma once

#include "base/bytes.hpp"
#include "s3/get_object.hpp"
#include "s3/requester.hpp"
#include "s3/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ingestor::s3 {

/// Movable. Destroyed after its last piece its connection goes back to the pool, before that it is
/// closed.
class range_stream {
 public:
  /// `opened` is the answer to `asked`.
  range_stream(std::shared_ptr<requester> on, proto::get_object_query asked, opened_object opened);

  /// The next piece, valid until the next read(); empty: all that was asked for has arrived. A body
  /// that breaks off or stalls is resumed, at most `resumes_in_a_row_max` times without
  /// `progress_bytes_min` in between; then it is an error, and every further read() repeats it.
  boost::asio::awaitable<result<const_bytes>> read();

  static constexpr int resumes_in_a_row_max = 4;
  static constexpr std::int64_t progress_bytes_min = std::int64_t{64} * 1024;

  /// Nothing from this byte on is wanted any more: the stream ends there.
  void stop_at(std::int64_t byte) { end_ = byte; }

  /// Of the next byte.
  std::int64_t position() const { return position_; }
  /// Bytes of the whole object; -1 as long as the server has not said.
  std::int64_t object_length() const { return object_length_; }
  /// Whether something has arrived that was not read yet.
  bool input_pending() const { return now_.body.input_pending(); }
  /// What was asked and answered.
  const error& about() const { return now_.about; }

 private:
  result<const_bytes> take(const_bytes piece);
  result<const_bytes> finish();
  boost::asio::awaitable<result<void>> resume(error why);
  error fail(error why);

  std::shared_ptr<requester> on_;
  proto::get_object_query asked_;
  std::int64_t position_;
  std::int64_t object_length_;
  std::optional<std::int64_t> end_;  // where it ends before the answer does
  opened_object now_;
  bool ended_ = false;
  attempts resumes_{resumes_in_a_row_max + 1};  // those of this row
  std::int64_t row_began_at_;
  std::optional<error> failure_;
};

}  // namespace ingestor::s3
