#include "s3/proto/error.hpp"

#include <algorithm>
#include <cstddef>

namespace ingestor::s3::proto {
namespace {

constexpr std::size_t quoted_bytes_max = 1100;  // a whole key, and most messages

/// For one line of a log: control characters become '?', what is too long is cut.
std::string quoted(std::string_view text) {
  std::string out{text.substr(0, quoted_bytes_max)};
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  if (text.size() > quoted_bytes_max) out += "...";
  return out;
}

std::string denied_remedy(const error& e) {
  if (e.code == "SignatureDoesNotMatch") return "check AWS_SECRET_ACCESS_KEY";
  if (e.code == "InvalidAccessKeyId") return "check AWS_ACCESS_KEY_ID";
  if (e.code == "RequestTimeTooSkewed" || e.code == "RequestExpired") {
    return "set this machine's clock: it differs from S3's by more than 15 minutes, and S3 did not "
           "say by how much";
  }
  const auto resource = "arn:" + std::string{e.partition} + ":s3:::" + quoted(e.bucket);
  auto grant = e.operation == "GetObject" ? "grant s3:GetObject on " + resource + "/*"
                                          : "grant s3:ListBucket on " + resource;
  return e.wants_payer() ? grant.append("; ").append(payer_remedy) : grant;
}

std::string redirect_remedy(const error& e) {
  if (!e.bucket_region.empty()) return "set AWS_REGION=" + quoted(e.bucket_region);
  return "set AWS_REGION to the bucket's region, or AWS_ENDPOINT to its endpoint";
}

std::string reach_remedy(const error& e) {
  return "check that S3 answers at " + quoted(e.endpoint) +
         ", and AWS_ENDPOINT, AWS_REGION and the network between";
}

}  // namespace

std::string_view name_of(error_kind kind) {
  switch (kind) {
    case error_kind::connection:
      return "connection";
    case error_kind::timeout:
      return "timeout";
    case error_kind::access_denied:
      return "access_denied";
    case error_kind::no_such_bucket:
      return "no_such_bucket";
    case error_kind::no_such_key:
      return "no_such_key";
    case error_kind::precondition_failed:
      return "precondition_failed";
    case error_kind::archived:
      return "archived";
    case error_kind::throttled:
      return "throttled";
    case error_kind::server:
      return "server";
    case error_kind::protocol:
      return "protocol";
    case error_kind::credentials:
      return "credentials";
    case error_kind::redirect:
      return "redirect";
    case error_kind::authority:
      return "authority";
    case error_kind::certificate:
      return "certificate";
    case error_kind::configuration:
      return "configuration";
    case error_kind::cancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string error::text() const {
  std::string out = "S3 " + operation + " of s3://" + quoted(bucket);
  if (!key.empty()) out += '/' + quoted(key);
  if (!endpoint.empty()) out += " at " + endpoint;
  out += " failed";
  if (http_status != 0) out += " with HTTP " + std::to_string(http_status);
  if (!code.empty()) out += ' ' + quoted(code);
  if (!message.empty()) out += ": " + quoted(message);
  if (!request_id.empty()) out += " (request " + quoted(request_id) + ')';
  return out;
}

std::string error::remedy() const {
  switch (kind) {
    case error_kind::connection:
    case error_kind::timeout:
      return reach_remedy(*this);
    case error_kind::access_denied:
      return denied_remedy(*this);
    case error_kind::no_such_bucket:
      return "check AWS_S3_BUCKET, and that AWS_ENDPOINT and AWS_REGION are where the bucket is";
    case error_kind::no_such_key:
      return "nothing, if it was deleted on purpose";
    case error_kind::precondition_failed:
      return "nothing: the object was overwritten while it was read, and is listed again";
    case error_kind::archived:
      return "restore the object from its archive storage class";
    case error_kind::throttled:
      return "nothing now: requests slow down by themselves";
    case error_kind::server:
      if (http_status == 400 && code.empty()) {
        return "check that AWS_ENDPOINT says https:// where S3 speaks TLS";
      }
      return "nothing, if it passes; else ask whoever runs S3";
    case error_kind::protocol:
      return "check that AWS_ENDPOINT is an S3 server, and that no proxy changes its answers";
    case error_kind::credentials:
      return http_status == 0 ? "see that the place that should give credentials does, or set "
                                "AWS_ACCESS_KEY_ID and "
                                "AWS_SECRET_ACCESS_KEY"
                              : "give it credentials that are valid now: temporary keys run out";
    case error_kind::redirect:
      return redirect_remedy(*this);
    case error_kind::authority:
      return "set AWS_CA_BUNDLE to a PEM file with the authority that signed its certificate";
    case error_kind::certificate:
      return "check AWS_ENDPOINT, and the certificate of the server there";
    case error_kind::configuration:
      return "correct the setting that the message names";
    case error_kind::cancelled:
      return "nothing: the operation was stopped";
  }
  return {};
}

bool error::wants_payer() const {
  const bool at_aws = endpoint.find(".amazonaws.") != std::string::npos;
  return !requester_pays && at_aws && code == "AccessDenied";
}

bool error::transient() const {
  switch (kind) {
    case error_kind::connection:
    case error_kind::timeout:
    case error_kind::throttled:
      return true;
    case error_kind::protocol:
      // No answer at all: somebody on the way, or a server that is not itself.
      return http_status == 0;
    case error_kind::server:
      return http_status == 200 || (http_status >= 500 && http_status != 501);
    default:
      return false;
  }
}

}  // namespace ingestor::s3::proto
