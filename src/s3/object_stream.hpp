// The body of one object, read piece by piece.
//
// Over one connection, resumed where it breaks off (range_stream), as long as that keeps its reader
// busy. Where reads mostly wait, several parts are fetched at the same time (read_ahead), until
// they no longer do.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "s3/get_object.hpp"
#include "s3/range_stream.hpp"
#include "s3/read_ahead.hpp"
#include "s3/requester.hpp"
#include "s3/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ingestor::s3 {

/// Movable; may outlive the client that opened it.
class object_stream {
 public:
  /// `opened` is the answer to `asked`, which has no last byte.
  object_stream(std::shared_ptr<requester> on, proto::get_object_query asked, opened_object opened);

  /// The next piece, valid until the next read(); empty: the whole body has arrived, to the byte
  /// that Content-Length promised, and its checksum is the one that S3 has stored, where there is
  /// one. A body that cannot be read on is an error, and every further read() repeats it; another
  /// version than the one that was opened is precondition_failed. Nothing is fetched between calls
  /// beyond what the socket's buffer and the parts hold. Cancellation: ends at once with
  /// error_kind::cancelled.
  boost::asio::awaitable<result<const_bytes>> read();

  /// Bytes after which it is seen anew whether reads wait.
  static constexpr std::int64_t window_bytes = std::int64_t{8} * 1024 * 1024;
  /// What must be left of the object for parts to be worth their while.
  static constexpr std::int64_t parallel_bytes_min = 4 * read_ahead::part_bytes;

  /// Without its quotation marks.
  const std::string& etag() const { return facts_.etag; }
  /// Bytes of this body; -1 when the server sends it in chunks and does not say.
  std::int64_t content_length() const { return facts_.content_length; }
  /// 1970 when the server does not say.
  timestamp last_modified() const { return facts_.last_modified; }

 private:
  boost::asio::awaitable<result<const_bytes>> read_some();
  boost::asio::awaitable<result<void>> back_to_one();
  void observe(std::size_t bytes, bool waited);
  void adapt(bool starving, bool busy);
  result<const_bytes> finish();
  error fail(error why);

  std::shared_ptr<requester> on_;
  std::string key_;
  proto::object_facts facts_;
  std::unique_ptr<proto::checksum> expected_;
  error about_;
  std::optional<range_stream> one_;
  std::unique_ptr<read_ahead> ahead_;  // begins where one_ ends
  std::int64_t position_;
  bool ended_ = false;
  std::int64_t window_read_ = 0;
  int window_reads_ = 0;
  int window_waits_ = 0;
  std::optional<error> failure_;
};

}  // namespace ingestor::s3
