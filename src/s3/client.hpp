// One bucket: its listing, page by page, and its objects, as streams.
//
// Requests that fail for a passing reason are made again as retry_policy says, within a budget that
// all of them share; bodies that break off go on where they did. When S3 asks to slow down, all
// requests of this client do. All of it on the executor's one thread.
#pragma once

#include "s3/client_options.hpp"
#include "s3/object_stream.hpp"
#include "s3/requester.hpp"
#include "s3/types.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

namespace ingestor::s3 {

/// Must outlive its operations; streams may outlive it. Cancelling an operation ends it at once
/// with error_kind::cancelled. Settings that cannot work are reported by every operation, before
/// any request.
class client {
 public:
  client(const boost::asio::any_io_executor& executor, client_options options);
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client() = default;

  /// One page of up to `max_keys` (1 … 1000) objects in S3's order, which is that of the keys'
  /// bytes. The first page is asked for with an empty position, each further one with the `next` of
  /// the page before. A listing that does not go forward is a protocol error.
  boost::asio::awaitable<result<list_page>> list_objects_v2(std::string prefix, list_position from,
                                                            int max_keys = proto::list_keys_max);

  /// Opens an object from `first_byte` on. With an `if_match` (an ETag, quoted or not) another
  /// version of the object is precondition_failed; empty takes whichever is there.
  boost::asio::awaitable<result<object_stream>> get_object(std::string key, std::string if_match,
                                                           std::int64_t first_byte = 0);

  /// Whether the bucket can be listed: one key that begins with `prefix`, for a policy may allow no
  /// more.
  boost::asio::awaitable<result<void>> check_bucket(std::string prefix = {});

  /// Memory of the parts that are fetched ahead, in bytes.
  std::size_t part_bytes() const;

  http::connection_pool::statistics connections() const { return on_->connections(); }

 private:
  std::shared_ptr<requester> on_;
};

}  // namespace ingestor::s3
