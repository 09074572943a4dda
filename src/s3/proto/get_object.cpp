#include "s3/proto/get_object.hpp"

#include "aws/proto/time_text.hpp"
#include "s3/proto/etag.hpp"

namespace ingestor::s3::proto {
namespace {

bool begins_at(std::string_view content_range, std::int64_t first_byte) {
  return content_range.starts_with("bytes " + std::to_string(first_byte) + '-');
}

}  // namespace

aws::unsigned_request get_object_request(const address& where, const get_object_query& query) {
  aws::unsigned_request out;
  out.method = "GET";
  out.path = where.path_prefix + '/' + query.key;
  out.headers.emplace_back("host", aws::authority(where.where));
  if (where.requester_pays) out.headers.emplace_back("x-amz-request-payer", "requester");
  // The stored bytes are wanted: nothing on the way may inflate or deflate them.
  out.headers.emplace_back("accept-encoding", "identity");
  if (!query.if_match.empty()) out.headers.emplace_back("if-match", quoted_etag(query.if_match));
  if (query.first_byte > 0) {
    out.headers.emplace_back("range", "bytes=" + std::to_string(query.first_byte) + '-');
  }
  return out;
}

ingestor::result<object_facts, error> check_object_head(const get_object_query& query,
                                                        const object_head& head, error about) {
  about.http_status = head.status;
  about.kind = error_kind::protocol;
  const bool ranged = query.first_byte > 0;
  if (head.status != (ranged ? 206 : 200)) {
    about.message = ranged ? "the server ignored the range that was asked for"
                           : "the server sent a part of the object unasked";
    return about;
  }
  if (ranged && !begins_at(head.content_range, query.first_byte)) {
    about.message = "the server sent another range than the one that was asked for";
    return about;
  }
  object_facts out;
  out.etag = unquoted_etag(head.etag);
  if (!query.if_match.empty() && out.etag != unquoted_etag(query.if_match)) {
    about.kind = error_kind::precondition_failed;
    about.message = "the object has another ETag than the one that was asked for";
    return about;
  }
  if (head.content_length) out.content_length = *head.content_length;
  if (const auto modified = aws::parse_http_date(head.last_modified)) out.last_modified = *modified;
  return out;
}

}  // namespace ingestor::s3::proto
