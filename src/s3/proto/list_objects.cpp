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

int keys_wanted(const list_query& query) {
  return std::clamp(query.max_keys, 1, list_keys_max);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  std::int64_t value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (text.empty() || failed != std::errc{} || end != last || value < 0) return std::nullopt;
  return value;
}

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_etag(std::string_view text) {
  return text.size() <= etag_bytes_max && std::none_of(text.begin(), text.end(), is_control);
}

/// Reads one <Contents> into `out`. Returns what is wrong with it; empty when nothing is.
std::string_view read_object(pugi::xml_node contents, bool url_encoded, object_summary& out) {
  const auto key = aws::text_of(contents, "Key");
  auto decoded = url_encoded ? aws::decode_listed(key) : std::string{key};
  if (!decoded || decoded->empty()) return "a Key that is missing or malformed";
  if (decoded->size() > key_bytes_max) return "a Key that is longer than 1024 bytes";
  const auto size = parse_size(aws::text_of(contents, "Size"));
  if (!size) return "a Size that is not a number";
  const auto modified = aws::parse_iso8601(aws::text_of(contents, "LastModified"));
  if (!modified) return "a LastModified that is not a time";
  out.etag = unquoted_etag(aws::text_of(contents, "ETag"));
  if (!is_etag(out.etag)) return "an ETag that is too long or has control characters";
  out.key = std::move(*decoded);
  out.size = *size;
  out.last_modified = *modified;
  return {};
}

/// Reads all <Contents>, each held to what was asked. Returns what is wrong with the first bad one.
std::string_view read_objects(pugi::xml_node root, const list_query& query,
                              std::vector<object_summary>& out) {
  const bool url_encoded = aws::text_of(root, "EncodingType") == "url";
  const auto keys_max = static_cast<std::size_t>(keys_wanted(query));
  for (const auto contents : root.children("Contents")) {
    if (out.size() == keys_max) return "more keys than were asked for";
    object_summary object;
    const auto fault = read_object(contents, url_encoded, object);
    if (!fault.empty()) return fault;
    if (!object.key.starts_with(query.prefix)) return "a key without the prefix asked for";
    if (out.empty()) {
      const auto& passed = query.from.last_key;
      if (!passed.empty() && object.key <= passed) {
        return "keys again that it has passed, and might never end";
      }
    } else if (object.key <= out.back().key) {
      return "keys that are not in ascending order";
    }
    out.push_back(std::move(object));
  }
  return {};
}

error malformed(error about, std::string_view why) {
  about.kind = error_kind::protocol;
  about.message = std::string{"the listing has "}.append(why);
  return about;
}

/// Where the next page begins; empty() behind the last one.
ingestor::result<list_position, error> next_position(pugi::xml_node root, const list_page& page,
                                                     const list_position& from,
                                                     const error& about) {
  const auto truncated = aws::text_of(root, "IsTruncated");
  if (truncated == "false") return list_position{};
  if (truncated != "true") return malformed(about, "no IsTruncated of true or false");
  list_position next;
  next.token = aws::text_of(root, "NextContinuationToken");
  if (next.token.empty()) return malformed(about, "more pages, but no token to ask for them");
  if (next.token.size() > token_bytes_max) return malformed(about, "a token of excessive length");
  if (next.token == from.token) {
    return malformed(about, "the continuation token it was asked with, and would never end");
  }
  next.last_key = page.objects.empty() ? from.last_key : page.objects.back().key;
  next.empty_pages = page.objects.empty() ? from.empty_pages + 1 : 0;
  if (next.empty_pages > empty_pages_max) {
    return malformed(about, "page after page without a key, and might never end");
  }
  return next;
}

}  // namespace

aws::unsigned_request list_objects_request(const address& where, const list_query& query) {
  aws::unsigned_request out;
  out.method = "GET";
  out.path = where.path_prefix.empty() ? "/" : where.path_prefix;
  out.query.emplace_back("list-type", "2");
  out.query.emplace_back("encoding-type", "url");
  out.query.emplace_back("max-keys", std::to_string(keys_wanted(query)));
  if (!query.prefix.empty()) out.query.emplace_back("prefix", query.prefix);
  if (!query.from.empty()) out.query.emplace_back("continuation-token", query.from.token);
  out.headers.emplace_back("host", aws::authority(where.where));
  if (where.requester_pays) out.headers.emplace_back("x-amz-request-payer", "requester");
  return out;
}

ingestor::result<list_page, error> parse_list_page(std::string body, const list_query& query,
                                                   error about) {
  const auto document = aws::xml_document::parse(std::move(body), {});
  if (!document) return malformed(std::move(about), "no readable XML: " + document.error());
  const auto root = document->root();
  if (std::string_view{root.name()} == "Error") {
    about.code = aws::text_of(root, "Code");
    about.message = aws::text_of(root, "Message");
    about.kind = kind_of(about.http_status, about.code, false);
    return about;
  }
  if (std::string_view{root.name()} != "ListBucketResult") {
    return malformed(std::move(about), "another root element than ListBucketResult");
  }
  list_page out;
  const auto fault = read_objects(root, query, out.objects);
  if (!fault.empty()) return malformed(std::move(about), fault);
  auto next = next_position(root, out, query.from, about);
  if (!next) return next.error();
  out.next = std::move(*next);
  return out;
}

}  // namespace ingestor::s3::proto
