// One bucket: its listing, page by page, and its objects, as streams.
//
// Requests that fail for a passing reason are repeated as retry_policy says: listings as a whole,
// a GET until its head is there. What breaks later is the stream's error. Redirects are never
// followed. All of it on the executor's one thread.
#pragma once

#include "aws/credentials_source.hpp"
#include "http/client.hpp"
#include "s3/object_stream.hpp"
#include "s3/proto/address.hpp"
#include "s3/types.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace ingestor::s3 {

/// One request, retries counted each: for metrics.
struct request_outcome {
  std::string_view operation;  ///< ListObjectsV2, GetObject; static storage
  std::string code;            ///< the HTTP status, or the kind of error where there was none
  /// Until the answer was there; for GetObject its head.
  std::chrono::nanoseconds duration{};
};

struct client_options {
  std::string bucket;
  std::string region;
  /// AWS_ENDPOINT as given; none: AWS itself.
  std::optional<std::string> endpoint;
  /// AWS's endpoints that IPv6 reaches too, and those with validated cryptography.
  bool dual_stack = false;
  bool fips = false;
  /// Each request says that its sender pays for it.
  bool requester_pays = false;
  /// Who asks; never null.
  std::shared_ptr<aws::credentials_source> creds;
  /// A PEM file instead of the system's authorities; empty: the system's.
  std::string ca_bundle;
  /// Connections in all; a stream holds one until it is at its end or destroyed.
  std::size_t connections_max = 16;
  /// Name lookup, TCP and TLS.
  std::chrono::milliseconds connect_timeout{10'000};
  /// From the request to the end of the answer's head.
  std::chrono::milliseconds first_byte_timeout{30'000};
  /// The longest time in which no byte of a body arrives while it is being read.
  std::chrono::milliseconds stall_timeout{30'000};
  /// The largest piece that object_stream::read() gives, and the memory a connection takes.
  std::size_t piece_bytes = std::size_t{128} * 1024;
  retry_policy retry;
  /// Called after each request; may be empty.
  std::function<void(const request_outcome&)> on_request;
};

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

  http::connection_pool::statistics connections() const;

 private:
  struct ready {
    proto::address where;
    http::client http;
  };

  void set_up(const boost::asio::any_io_executor& executor);
  error about(std::string_view operation, std::string_view key) const;
  std::optional<error> unusable(std::string_view operation) const;
  boost::asio::awaitable<result<http::client_response>> open(const error& about,
                                                             aws::unsigned_request request);
  boost::asio::awaitable<result<list_page>> list_once(const error& about, std::string_view prefix,
                                                      const list_position& from, int max_keys);
  boost::asio::awaitable<result<object_stream>> get_once(const error& about,
                                                         const proto::get_object_query& query);
  boost::asio::awaitable<bool> wait_for_retry(int attempt, const error& failure);
  void report(std::string_view operation, std::chrono::steady_clock::time_point begun,
              std::string code) const;

  client_options options_;
  std::unique_ptr<ready> ready_;  // null while `misconfigured_` says why
  std::optional<std::string> misconfigured_;
  std::mt19937 jitter_{std::random_device{}()};
};

}  // namespace ingestor::s3
