#include "s3/proto/list_objects.hpp"

#include "aws/proto/percent_encoding.hpp"
#include "aws/proto/time_text.hpp"
#include "aws/proto/xml.hpp"
#include "s3/proto/error_response.hpp"
#include "s3/proto/etag.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace ingestor::s3::proto {
namespace {

std::optional<std::int64_t> parse_size(std::string_view text) {
  std::int64_t value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (text.empty() || failed != std::errc{} || end != last || value < 0) return std::nullopt;
  return value;
}

/// Reads one <Contents> into `out`. Returns what is wrong with it; empty when nothing is.
std::string_view read_object(pugi::xml_node contents, bool url_encoded, object_summary& out) {
  const std::string_view key = contents.child_value("Key");
  auto decoded = url_encoded ? aws::decode_listed(key) : std::string{key};
  if (!decoded || decoded->empty()) return "a Key that is missing or malformed";
  const auto size = parse_size(contents.child_value("Size"));
  if (!size) return "a Size that is not a number";
  const auto modified = aws::parse_iso8601(contents.child_value("LastModified"));
  if (!modified) return "a LastModified that is not a time";
  out.key = std::move(*decoded);
  out.etag = unquoted_etag(contents.child_value("ETag"));
  out.size = *size;
  out.last_modified = *modified;
  return {};
}

error malformed(error about, std::string_view why) {
  about.kind = error_kind::protocol;
  about.message = std::string{"the listing has "}.append(why);
  return about;
}

ingestor::result<std::string, error> next_token(pugi::xml_node root, std::string_view sent_token,
                                                const error& about) {
  const std::string_view truncated = root.child_value("IsTruncated");
  if (truncated == "false") return std::string{};
  if (truncated != "true") return malformed(about, "no IsTruncated of true or false");
  std::string token = root.child_value("NextContinuationToken");
  if (token.empty()) return malformed(about, "more pages, but no token to ask for them");
  if (token == sent_token) {
    return malformed(about, "the continuation token it was asked with, and would never end");
  }
  return token;
}

}  // namespace

aws::unsigned_request list_objects_request(const address& where, std::string_view prefix,
                                           const list_position& from, int max_keys) {
  aws::unsigned_request out;
  out.method = "GET";
  out.path = where.path_prefix.empty() ? "/" : where.path_prefix;
  out.query.emplace_back("list-type", "2");
  out.query.emplace_back("encoding-type", "url");
  out.query.emplace_back("max-keys", std::to_string(std::clamp(max_keys, 1, list_keys_max)));
  if (!prefix.empty()) out.query.emplace_back("prefix", prefix);
  if (!from.empty()) out.query.emplace_back("continuation-token", from.token);
  out.headers.emplace_back("host", aws::authority(where.where));
  if (where.requester_pays) out.headers.emplace_back("x-amz-request-payer", "requester");
  return out;
}

ingestor::result<list_page, error> parse_list_page(std::string body, const list_position& from,
                                                   error about) {
  const auto document = aws::xml_document::parse(std::move(body), {});
  if (!document) return malformed(std::move(about), "no readable XML: " + document.error());
  const auto root = document->root();
  if (std::string_view{root.name()} == "Error") {
    about.code = root.child_value("Code");
    about.message = root.child_value("Message");
    about.kind = kind_of(about.http_status, about.code, false);
    return about;
  }
  if (std::string_view{root.name()} != "ListBucketResult") {
    return malformed(std::move(about), "another root element than ListBucketResult");
  }
  const bool url_encoded = std::string_view{root.child_value("EncodingType")} == "url";
  list_page out;
  for (const auto contents : root.children("Contents")) {
    const auto fault = read_object(contents, url_encoded, out.objects.emplace_back());
    if (!fault.empty()) return malformed(std::move(about), fault);
  }
  if (!out.objects.empty() && !from.empty() && out.objects.front().key <= from.last_key) {
    return malformed(std::move(about), "keys again that it has passed, and might never end");
  }
  auto token = next_token(root, from.token, about);
  if (!token) return token.error();
  if (!token->empty()) {
    out.next = {std::move(*token), out.objects.empty() ? from.last_key : out.objects.back().key};
  }
  return out;
}

}  // namespace ingestor::s3::proto
