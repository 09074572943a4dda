// What a client of S3 needs to know.
#pragma once

#include "aws/credentials_source.hpp"
#include "http/proxy.hpp"
#include "s3/types.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::s3 {

/// One request, retries counted each: for metrics.
struct request_outcome {
  std::string_view operation;  ///< ListObjectsV2, GetObject; static storage
  std::string code;            ///< the HTTP status, or the kind of error where there was none
  /// Until the answer was there; for GetObject its head.
  std::chrono::nanoseconds duration{};
  /// S3 asked to slow down.
  bool throttled = false;
  std::string_view key;  ///< of the object; empty: the bucket was asked
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
  /// Who stands between, and for whom not.
  http::proxy_settings proxies;
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
  /// The body of this object broke off and goes on from there; may be empty.
  std::function<void(std::string_view key, std::int64_t from_byte)> on_resume;
  /// Something about the settings or this machine is wrong, and was put right for as long as this
  /// client lives; a sentence for people. May be empty.
  std::function<void(std::string)> on_correction;
};

}  // namespace ingestor::s3
