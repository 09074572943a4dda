// Why a request to S3 has failed: as a kind to decide by, as words for people, and with a remedy.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::s3::proto {

enum class error_kind {
  /// No connection, or one that broke in mid-answer (a short body too).
  connection,
  timeout,
  access_denied,
  no_such_bucket,
  no_such_key,
  /// If-Match: the object was overwritten.
  precondition_failed,
  /// In Glacier, and not restored.
  archived,
  throttled,
  /// S3's own failure (5xx), or an answer that fits nowhere else.
  server,
  /// The answer is not what S3's documentation says it is.
  protocol,
  /// There are none, or S3 takes them for expired.
  credentials,
  /// The bucket is elsewhere. Redirects are not followed.
  redirect,
  /// The server's certificate is signed by nobody that is trusted.
  authority,
  /// The server's certificate is wrong otherwise: of another host, or expired.
  certificate,
  /// The settings cannot work; no request was made.
  configuration,
  /// The caller gave the operation up.
  cancelled,
};

/// For metrics and logs: "no_such_key".
std::string_view name_of(error_kind kind);

/// Goes with error::wants_payer().
inline constexpr std::string_view payer_remedy =
    "where whoever reads a bucket has to pay, set INGESTOR_REQUESTER_PAYS=on";

struct error {
  error_kind kind{};
  std::string operation;  ///< S3's name: ListObjectsV2, GetObject
  std::string bucket;
  std::string key;      ///< empty for operations on the bucket
  int http_status = 0;  ///< 0 when there was no answer
  std::string code;     ///< S3's own: NoSuchBucket
  std::string message;  ///< S3's own words, or ours
  std::string request_id;
  std::string endpoint;
  /// AWS's, as ARNs have it; static storage.
  std::string_view partition = "aws";
  bool requester_pays = false;  ///< the request said that its sender pays
  std::string bucket_region;    ///< where S3 says that the bucket is; mostly empty
  std::optional<std::chrono::seconds> retry_after;
  std::optional<timestamp> server_time;  ///< what its clock said when it answered

  /// One line, without control characters and of a bounded length: what failed, on what, S3's
  /// words.
  std::string text() const;
  /// One line: what to do about it.
  std::string remedy() const;
  /// Whether the same request may succeed later with nothing changed by anybody.
  bool transient() const;
  /// Whether it may have been refused because the request did not say that its sender pays.
  bool wants_payer() const;
};

}  // namespace ingestor::s3::proto
