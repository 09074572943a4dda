#include "s3/proto/get_object.hpp"

#include "aws/proto/time_text.hpp"
#include "s3/proto/etag.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace ingestor::s3::proto {
namespace {

/// `bytes 5-9/10`; the length is -1 where it is `*`.
struct content_range {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t object_length = -1;
};

/// Takes digits from the front.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (failed != std::errc{} || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view literal) {
  if (!text.starts_with(literal)) return false;
  text.remove_prefix(literal.size());
  return true;
}

std::optional<content_range> parse_content_range(std::string_view text) {
  if (!take(text, "bytes ")) return std::nullopt;
  const auto first = take_number(text);
  if (!first || !take(text, "-")) return std::nullopt;
  const auto last = take_number(text);
  if (!last || *last < *first || !take(text, "/")) return std::nullopt;
  if (text == "*") return content_range{*first, *last, -1};
  const auto length = take_number(text);
  if (!length || *length <= *last || !text.empty()) return std::nullopt;
  return content_range{*first, *last, *length};
}

std::string range_of(const get_object_query& query) {
  auto out = "bytes=" + std::to_string(query.first_byte) + '-';
  if (query.last_byte) out += std::to_string(*query.last_byte);
  return out;
}

/// What is wrong with a part; empty when it is the one that was asked for. S3 gives all that there
/// is from the first byte on, and so must everybody: an end that is too early would be taken for
/// the object's.
std::string_view fault_of(const get_object_query& query, const object_head& head,
                          const std::optional<content_range>& part) {
  if (!part || part->first != query.first_byte) {
    return "the server sent another range than the one that was asked for";
  }
  const auto end = part->object_length - 1;
  const bool whole = query.last_byte ? part->last == std::min(*query.last_byte, end)
                                     : part->object_length < 0 || part->last == end;
  if (!whole) return "the server sent less than the range that was asked for";
  if (head.content_length && *head.content_length != part->last - part->first + 1) {
    return "the Content-Length of the answer is not that of its Content-Range";
  }
  return {};
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
  if (query.ranged()) {
    out.headers.emplace_back("range", range_of(query));
  } else {
    out.headers.emplace_back("x-amz-checksum-mode", "ENABLED");
  }
  return out;
}

ingestor::result<object_facts, error> check_object_head(const get_object_query& query,
                                                        const object_head& head, error about) {
  about.http_status = head.status;
  about.kind = error_kind::protocol;
  if (head.status != (query.ranged() ? 206 : 200)) {
    about.message = query.ranged() ? "the server ignored the range that was asked for"
                                   : "the server sent a part of the object unasked";
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
  out.object_length = out.content_length;
  if (query.ranged()) {
    const auto part = parse_content_range(head.content_range);
    if (const auto fault = fault_of(query, head, part); !fault.empty()) {
      about.message = fault;
      return about;
    }
    out.object_length = part->object_length;
  }
  if (const auto modified = aws::parse_http_date(head.last_modified)) out.last_modified = *modified;
  return out;
}

}  // namespace ingestor::s3::proto
