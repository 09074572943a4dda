#include "s3/proto/error_response.hpp"

#include "aws/proto/time_text.hpp"
#include "aws/proto/xml.hpp"
#include "base/secret.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ingestor::s3::proto {
namespace {

struct known_code {
  std::string_view code;
  error_kind kind;
};

constexpr std::array known_codes{
    known_code{"NoSuchBucket", error_kind::no_such_bucket},
    known_code{"NoSuchKey", error_kind::no_such_key},
    known_code{"PreconditionFailed", error_kind::precondition_failed},
    known_code{"InvalidObjectState", error_kind::archived},
    known_code{"AccessDenied", error_kind::access_denied},
    known_code{"AllAccessDisabled", error_kind::access_denied},
    known_code{"InvalidAccessKeyId", error_kind::access_denied},
    known_code{"SignatureDoesNotMatch", error_kind::access_denied},
    known_code{"RequestTimeTooSkewed", error_kind::access_denied},
    known_code{"RequestExpired", error_kind::access_denied},
    known_code{"RequestInTheFuture", error_kind::access_denied},
    known_code{"ExpiredToken", error_kind::credentials},
    known_code{"InvalidToken", error_kind::credentials},
    known_code{"InvalidTokenId", error_kind::credentials},
    known_code{"TokenRefreshRequired", error_kind::credentials},
    known_code{"PermanentRedirect", error_kind::redirect},
    known_code{"Redirect", error_kind::redirect},
    known_code{"TemporaryRedirect", error_kind::redirect},
    known_code{"AuthorizationHeaderMalformed", error_kind::redirect},
    known_code{"IllegalLocationConstraintException", error_kind::redirect},
    known_code{"InvalidBucketName", error_kind::configuration},
    known_code{"SlowDown", error_kind::throttled},
    known_code{"Throttling", error_kind::throttled},
    known_code{"ThrottlingException", error_kind::throttled},
    known_code{"ThrottledException", error_kind::throttled},
    known_code{"RequestThrottled", error_kind::throttled},
    known_code{"RequestThrottledException", error_kind::throttled},
    known_code{"RequestLimitExceeded", error_kind::throttled},
    known_code{"TooManyRequests", error_kind::throttled},
    known_code{"TooManyRequestsException", error_kind::throttled},
    known_code{"BandwidthLimitExceeded", error_kind::throttled},
    known_code{"RequestTimeout", error_kind::timeout},
    known_code{"RequestTimeoutException", error_kind::timeout},
    known_code{"InternalError", error_kind::server},
    known_code{"ServiceUnavailable", error_kind::throttled},
};

error_kind kind_of_status(int status, bool has_key) {
  switch (status) {
    case 401:
    case 403:
      return error_kind::access_denied;
    case 404:
      return has_key ? error_kind::no_such_key : error_kind::no_such_bucket;
    case 408:
      return error_kind::timeout;
    case 412:
      return error_kind::precondition_failed;
    case 429:
    case 503:
      // S3 says 503 for both "Slow Down" and "Service Unavailable", and means the same by them.
      return error_kind::throttled;
    default:
      break;
  }
  return status >= 300 && status < 400 ? error_kind::redirect : error_kind::server;
}

std::optional<std::chrono::seconds> whole_seconds(std::string_view text) {
  unsigned value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (text.empty() || failed != std::errc{} || end != last) return std::nullopt;
  return std::chrono::seconds{value};
}

}  // namespace

error_kind kind_of(int http_status, std::string_view code, bool has_key) {
  const auto* const known = std::find_if(known_codes.begin(), known_codes.end(),
                                         [&](const known_code& k) { return k.code == code; });
  return known != known_codes.end() ? known->kind : kind_of_status(http_status, has_key);
}

error read_error(error about, const answer_head& head, std::string body) {
  about.http_status = head.status;
  about.request_id = head.request_id;
  about.bucket_region = head.bucket_region;
  about.retry_after = whole_seconds(head.retry_after);
  about.server_time = aws::parse_http_date(head.date);
  if (const auto document = aws::xml_document::parse(std::move(body), {})) {
    const auto root = document->root();
    if (std::string_view{root.name()} == "Error") {
      about.code = root.child_value("Code");
      about.message = root.child_value("Message");
      if (about.request_id.empty()) about.request_id = root.child_value("RequestId");
      if (about.bucket_region.empty()) about.bucket_region = root.child_value("Region");
    }
  }
  if (about.code.empty() && about.message.empty()) about.message = head.reason;
  // An answer may echo the request, and the error be kept for longer than the keys are valid.
  for (auto* const text : {&about.code, &about.message, &about.request_id, &about.bucket_region}) {
    *text = without_secrets(*text);
  }
  about.kind = kind_of(head.status, about.code, !about.key.empty());
  return about;
}

}  // namespace ingestor::s3::proto
